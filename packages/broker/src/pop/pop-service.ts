/** POP, put together: what hands messages out, takes acknowledgements and gives messages back. */
import type { Clock, JsonFile, Logger, Prng, Scheduler, Timer } from '@skylarkmq/base';
import type { MessageStore } from '@skylarkmq/store';
import type { BrokerIdentity } from '../identity.ts';
import type { ConsumerOffsets } from '../offset/consumer-offsets.ts';
import type { BrokerSettings } from '../settings.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import type { GroupTable } from '../subscription/group-table.ts';
import type { TopicCreator } from '../topic/topic-creator.ts';
import type { TopicTable } from '../topic/topic-table.ts';
import { Acker } from './acker.ts';
import { FlightTable } from './flight-table.ts';
import type { OrderInfos } from './order-infos.ts';
import { OrderedPops } from './ordered-pops.ts';
import { PopAppends } from './pop-appends.ts';
import { PopCommits } from './pop-commits.ts';
import { PopHolds } from './pop-holds.ts';
import { PopOffsets } from './pop-offsets.ts';
import { PopProgress } from './pop-progress.ts';
import { PopRecovery } from './pop-recovery.ts';
import { Popper } from './popper.ts';
import { ReviveLog } from './revive-log.ts';
import { Reviver } from './reviver.ts';
import { type DueTimer, SettledTimers } from './settled-timers.ts';

export interface PopServiceDeps {
  readonly store: MessageStore;
  readonly topics: TopicTable;
  readonly groups: GroupTable;
  readonly offsets: ConsumerOffsets;
  readonly orders: OrderInfos;
  readonly topicCreator: TopicCreator;
  readonly stats: BrokerStats;
  readonly identity: BrokerIdentity;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly prng: Prng;
  readonly logger: Logger;
  /** Null keeps no progress, and a start reads all timers. */
  readonly progressFile: JsonFile | null;
  settings(): BrokerSettings;
  /** Timers before this were delivered; 0 when that is not known. */
  firedUntilMs(): number;
}

export class PopService {
  readonly flights: FlightTable;
  readonly popper: Popper;
  readonly acker: Acker;
  readonly holds: PopHolds;
  readonly #deps: PopServiceDeps;
  readonly #log: ReviveLog;
  readonly #commits: PopCommits;
  readonly #progress: PopProgress;
  readonly #recovery: PopRecovery;
  readonly #reviver: Reviver;
  readonly #ordered: OrderedPops;
  #timer: Timer | undefined;
  #isStarted = false;
  /** From the start on. */
  #settledTimers: SettledTimers | undefined;

  constructor(deps: PopServiceDeps) {
    this.#deps = deps;
    const { store, orders: infos } = deps;
    const appends = new PopAppends(deps);
    const log = new ReviveLog({ ...deps, appends });
    this.#log = log;
    this.holds = new PopHolds(deps);
    this.flights = new FlightTable(deps, (flight) => this.#reviver.due(flight));
    const wasReset = (): void => {
      void this.#progress.save();
    };
    const offsets = new PopOffsets({ ...deps, wasReset });
    const { flights } = this;
    this.#commits = new PopCommits({ store, offsets, scheduler: deps.scheduler });
    const ordered = new OrderedPops({
      ...deps,
      ...{ infos, offsets, log },
      opened: ({ group, topic, queueId }) => this.holds.wake(group, topic, queueId),
    });
    this.#ordered = ordered;
    const parts = { ...deps, flights, offsets, ordered, log, appends, commits: this.#commits };
    this.#reviver = new Reviver(parts);
    this.popper = new Popper(parts);
    this.acker = new Acker(parts);
    this.#recovery = new PopRecovery({ ...parts, consumerOffsets: deps.offsets });
    this.#progress = new PopProgress({ ...parts, offsets: deps.offsets, file: deps.progressFile });
  }

  /** Whether it is known what is in flight. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Finds what is in flight and begins. Nothing may be popped before it resolves. */
  async start(): Promise<void> {
    this.#progress.began(await this.#recovery.run(this.#progress.load()));
    this.holds.start();
    this.#isStarted = true;
    const { flights } = this;
    this.#settledTimers = new SettledTimers({ ...this.#deps, flights, topic: this.#log.topic });
    const periodMs = this.#deps.settings().flushConsumerOffsetInterval;
    this.#timer = this.#deps.scheduler.every(periodMs, () => {
      void this.#progress.save();
    });
  }

  /** Whether a timer that is due need not be delivered; `body` is that of its message. */
  isSettled(timer: DueTimer, body: Buffer): boolean {
    return this.#settledTimers?.isSettled(timer, body) ?? false;
  }

  /** Saves now how far everything is; otherwise that is done every few seconds. */
  saveProgress(): Promise<void> {
    return this.#progress.save();
  }

  removeTopic(topic: string): void {
    this.flights.removeTopic(topic);
    this.#deps.orders.removeTopic(topic);
  }

  removeGroup(group: string): void {
    this.flights.removeGroup(group);
    this.#deps.orders.removeGroup(group);
  }

  /** Answers what waits, and saves. The store must still be open. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.holds.close();
    this.flights.close();
    this.#ordered.close();
    await this.#reviver.close();
    this.#commits.close();
    await this.#progress.save();
  }
}
