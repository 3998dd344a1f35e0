/**
 * Finds what is in flight when the broker starts: reads the timer topic and the revive topic from
 * where everything before is over, puts check points and acknowledgements together, and lets the
 * rest fly on. Apache's records and ours are the same.
 */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import { decodeRecords, PropertyName, type StoredMessage, SystemTopic } from '@skylarkmq/message';
import type { MessageStore } from '@skylarkmq/store';
import type { ConsumerOffsets } from '../offset/consumer-offsets.ts';
import type { BrokerSettings } from '../settings.ts';
import {
  type CheckPoint,
  type CheckPointAck,
  parseAck,
  parseCheckPoint,
  ReviveTag,
} from './check-point.ts';
import { Flight } from './flight.ts';
import type { FlightTable } from './flight-table.ts';
import { type OrderNote, OrderTag, parseOrderNote } from './order-note.ts';
import type { OrderedPops } from './ordered-pops.ts';
import type { PopOffsets } from './pop-offsets.ts';
import { type LogCut, REVIVE_GROUP, type SavedProgress } from './pop-progress.ts';
import type { ReviveLog } from './revive-log.ts';

const BATCH_MESSAGES = 256;
const BATCH_BYTES = 1024 * 1024;
/**
 * A timer this much older than the last delivery was surely delivered. Apache takes a check point
 * from the revive topic 3 s after its delivery at the earliest: so none is missed, and none counted
 * twice.
 */
const DELIVERY_SLACK_MS = 2000;
const MS_PER_SECOND = 1000;

export interface PopRecoveryDeps {
  readonly store: Pick<MessageStore, 'getMessages' | 'offsetByTime' | 'queue'>;
  readonly topics: { get(topic: string): unknown };
  readonly flights: FlightTable;
  readonly offsets: PopOffsets;
  readonly consumerOffsets: ConsumerOffsets;
  readonly ordered: OrderedPops;
  readonly log: ReviveLog;
  readonly clock: Clock;
  readonly logger: Logger;
  settings(): Pick<BrokerSettings, 'reviveQueueNum' | 'timerMaxDelaySec'>;
  /** Timers before this were delivered: the revive topic has them. 0 when that is not known. */
  firedUntilMs(): number;
}

interface Found {
  readonly point: CheckPoint;
  readonly reviveQueueId: number;
  /** Whether its timer is over, so that only the revive topic says whether it is in flight. */
  isOver: boolean;
}

export class PopRecovery {
  readonly #deps: PopRecoveryDeps;
  readonly #points = new Map<string, Found>();
  readonly #acks: CheckPointAck[] = [];
  #firedUntilMs = 0;
  #damaged = 0;

  constructor(deps: PopRecoveryDeps) {
    this.#deps = deps;
  }

  /** Resolves with where it began to read. */
  async run(saved: SavedProgress): Promise<LogCut> {
    const { store, settings, log, logger, clock } = this.#deps;
    const reviveFrom = new Map<number, number>();
    this.#firedUntilMs = this.#deps.firedUntilMs();
    const queues = Math.max(settings().reviveQueueNum, ...saved.reviveOffsets.keys(), 0);
    for (let queueId = 0; queueId < queues; queueId++) {
      const from = this.#reviveStart(queueId, saved);
      reviveFrom.set(queueId, from);
      await this.#read(log.topic, queueId, from, (message) => this.#revived(message, queueId));
    }
    // Nothing is invisible for longer.
    const lookBackMs = clock.nowMs() - settings().timerMaxDelaySec * MS_PER_SECOND;
    const wheelFrom =
      saved.wheelOffset ?? (await store.offsetByTime(SystemTopic.Timer, 0, lookBackMs));
    await this.#read(SystemTopic.Timer, 0, wheelFrom, (message) => this.#timed(message));
    const count = this.#fly(wheelFrom, reviveFrom);
    if (this.#damaged > 0) {
      logger.warn(
        { records: this.#damaged },
        'Some records of POP cannot be read and are left out',
      );
    }
    if (count > 0) logger.info({ checkPoints: count }, 'POP goes on with what is in flight');
    return { wheelOffset: wheelFrom, reviveOffsets: reviveFrom };
  }

  /** Apache may have gone on since we saved: its offset is that of the last record that is done. */
  #reviveStart(queueId: number, saved: SavedProgress): number {
    const done = this.#deps.consumerOffsets.query(REVIVE_GROUP, this.#deps.log.topic, queueId);
    const ours = saved.doneOffsets.get(queueId);
    const from = saved.reviveOffsets.get(queueId) ?? 0;
    return ours !== undefined && done <= ours ? from : Math.max(0, done + 1, from);
  }

  async #read(
    topic: string,
    queueId: number,
    from: number,
    each: (message: StoredMessage) => void,
  ): Promise<void> {
    const { store } = this.#deps;
    const queue = store.queue(topic, queueId);
    let offset = Math.max(from, queue.minOffset);
    while (offset < queue.maxOffset) {
      const found = await store.getMessages(queue, offset, BATCH_MESSAGES, BATCH_BYTES, null);
      for (const slice of found.slices) for (const message of decodeRecords(slice)) each(message);
      found.release();
      offset = Math.max(offset + 1, found.nextBeginOffset);
    }
  }

  /** A record of the timer topic, if it is one of POP's. */
  #timed(message: StoredMessage): void {
    const { properties, body } = message;
    if (properties.get(PropertyName.RealTopic) !== this.#deps.log.topic) return;
    const reviveQueueId = Number(properties.get(PropertyName.RealQueueId) ?? '0');
    const deliverMs = Number(properties.get(PropertyName.TimerDeliverMs) ?? 'NaN');
    const isOver = deliverMs + DELIVERY_SLACK_MS < this.#firedUntilMs;
    const tag = properties.get(PropertyName.Tags) ?? '';
    this.#understand(() => this.#note(tag, body.toString('utf8'), reviveQueueId, isOver));
  }

  #revived({ properties, body }: StoredMessage, queueId: number): void {
    const tag = properties.get(PropertyName.Tags) ?? '';
    this.#understand(() => this.#note(tag, body.toString('utf8'), queueId, false));
  }

  /** A record that cannot be read must not keep the broker from starting. */
  #understand(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof MqError)) throw error;
      this.#damaged++;
    }
  }

  #note(tag: string, text: string, reviveQueueId: number, isOver: boolean): void {
    if (tag === ReviveTag.CheckPoint) {
      const point = parseCheckPoint(text);
      const key = keyOf(point);
      const known = this.#points.get(key);
      if (known === undefined) this.#points.set(key, { point, reviveQueueId, isOver });
      else known.isOver &&= isOver;
    } else if (tag === ReviveTag.Ack || tag === ReviveTag.BatchAck) {
      this.#acks.push(parseAck(text));
    } else {
      const note = parseOrderNote(tag, text);
      if (note !== undefined) this.#order(note);
    }
  }

  #order(note: OrderNote): void {
    const { flights, ordered, topics } = this.#deps;
    if (topics.get(note.topic) === undefined) return;
    const queue = flights.queue(note.group, note.topic, note.queueId);
    if (note.tag === OrderTag.Ack) ordered.applyAck(queue, note.offset, note.popTime);
    else if (note.tag === OrderTag.Show) {
      ordered.applyShow(queue, note.offset, note.popTime, note.visibleMs);
    } else if (note.popTime > ordered.popTimeOf(queue)) ordered.applyPop(queue, note);
  }

  #fly(wheelOffset: number, reviveFrom: ReadonlyMap<number, number>): number {
    const { flights, offsets, topics } = this.#deps;
    const acknowledged = this.#acknowledged();
    let count = 0;
    for (const [key, { point, reviveQueueId, isOver }] of this.#points) {
      if (topics.get(point.topic) === undefined) continue;
      const queue = flights.queue(point.group, point.topic, point.queueId);
      offsets.commitForward(queue, point.startOffset + (point.diffs.at(-1) ?? -1) + 1);
      if (isOver) continue;
      const place = { wheelOffset, reviveOffset: reviveFrom.get(reviveQueueId) ?? 0 };
      const flight = new Flight(queue, point, reviveQueueId, place);
      for (const offset of acknowledged.get(key) ?? []) flight.acknowledge(offset);
      if (flight.isSettled) continue;
      flights.add(flight);
      count++;
    }
    return count;
  }

  #acknowledged(): Map<string, number[]> {
    const byPoint = new Map<string, number[]>();
    for (const ack of this.#acks) {
      const key = keyOf(ack);
      const offsets = byPoint.get(key);
      if (offsets === undefined) byPoint.set(key, [...ack.offsets]);
      else offsets.push(...ack.offsets);
    }
    return byPoint;
  }
}

function keyOf(
  point: Pick<CheckPoint, 'topic' | 'group' | 'queueId' | 'startOffset' | 'popTime'>,
): string {
  const { topic, group, queueId, startOffset, popTime } = point;
  return `${topic}@${group}@${queueId}@${startOffset}@${popTime}`;
}
