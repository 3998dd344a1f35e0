/**
 * Settling popped messages: acknowledgements of one moment go to their brokers together; a message
 * that failed is held for the time after which it is to come again; one that is hopeless is put
 * into the dead letters first.
 */
import { type Logger, MqError, type Scheduler } from '@skylarkmq/base';
import { type CachedMessage, CachedState } from '../consumer/process-queue.ts';
import { delayLevelMs, type RetryBackoff, retryLevel } from '../consumer/retry-backoff.ts';
import type { PopNetwork } from '../pop/pop-network.ts';
import type { Popped } from '../pop/popped.ts';
import type { RejectOptions, RetryOptions, Settlement } from './settlement.ts';

/** What settling needs from the consumer. */
export interface PopSettlementDeps {
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly network: Pick<PopNetwork, 'ackAll' | 'changeInvisible'>;
  readonly maxReconsumeTimes: number;
  readonly backoff: RetryBackoff | undefined;
  poppedOf(entry: CachedMessage): Popped | undefined;
  /** What must end before a message is settled: it changes the receipt. It never rejects. */
  renewalOf(popped: Popped): Promise<void> | undefined;
  /** Puts a message into the group's dead letters. */
  bury(entry: CachedMessage, error: unknown): Promise<void>;
  /** The message is settled here, whatever its broker says. */
  settled(entry: CachedMessage): void;
}

/** Acknowledgements that wait to be sent together at most. */
const BATCH_MAX = 1_024;

/** See the head of this file. */
export class PopSettlement implements Settlement {
  readonly #deps: PopSettlementDeps;
  #batch: Popped[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(deps: PopSettlementDeps) {
    this.#deps = deps;
  }

  async ack(entry: CachedMessage): Promise<void> {
    const popped = this.#begin(entry);
    if (popped !== undefined) await this.done(popped);
  }

  /** Acknowledges a message that is settled here already. */
  async done(popped: Popped): Promise<void> {
    const renewal = this.#deps.renewalOf(popped);
    if (renewal === undefined) this.#ackSoon(popped);
    else
      await this.#track(
        renewal.then(() => this.#ackSoon(popped)),
        popped,
        'not acknowledged',
      );
  }

  // RocketMQ: ConsumeMessagePopConcurrentlyService#processConsumeResult, #changePopInvisibleTime
  async retry(entry: CachedMessage, options: RetryOptions): Promise<void> {
    if (entry.reconsumeTimes >= this.#deps.maxReconsumeTimes) {
      await this.reject(entry, options);
      return;
    }
    const popped = this.#begin(entry);
    if (popped === undefined) return;
    const delayMs = this.#delayOf(entry.reconsumeTimes, options);
    await this.#track(this.#putOff(popped, delayMs), popped, 'not put off');
  }

  async reject(entry: CachedMessage, options: RejectOptions = {}): Promise<void> {
    const popped = this.#begin(entry);
    if (popped === undefined) return;
    const buried = this.#deps.bury(entry, options.cause).then(async () => {
      await this.#deps.renewalOf(popped);
      this.#ackSoon(popped);
    });
    await this.#track(buried, popped, 'not put into the dead letters');
  }

  /** Lets the group have a message that nobody here will look at. */
  async giveBack(popped: Popped, delayMs: number): Promise<void> {
    await this.#track(this.#deps.network.changeInvisible(popped, delayMs), popped, 'kept');
  }

  /** Resolves when every request is answered. */
  async idle(): Promise<void> {
    this.#flush();
    while (this.#underWay.size > 0) {
      await Promise.all(this.#underWay);
      this.#flush();
    }
  }

  async #putOff(popped: Popped, delayMs: number): Promise<void> {
    await this.#deps.renewalOf(popped);
    await this.#deps.network.changeInvisible(popped, delayMs);
  }

  /** The message's receipt; undefined if it is settled already. */
  #begin(entry: CachedMessage): Popped | undefined {
    if (entry.state !== CachedState.Delivered) return undefined;
    this.#deps.settled(entry);
    return this.#deps.poppedOf(entry);
  }

  #delayOf(reconsumeTimes: number, { delayLevel = 0, delayMs }: RetryOptions): number {
    if (delayLevel > 0) return delayLevelMs(delayLevel);
    if (delayMs !== undefined) return Math.max(1, Math.round(delayMs));
    const { backoff } = this.#deps;
    if (backoff !== undefined) return Math.max(1, Math.round(backoff(reconsumeTimes)));
    return delayLevelMs(retryLevel(reconsumeTimes));
  }

  #ackSoon(popped: Popped): void {
    this.#batch.push(popped);
    if (this.#batch.length >= BATCH_MAX) this.#flush();
    else if (this.#batch.length === 1) this.#deps.scheduler.immediate(() => this.#flush());
  }

  #flush(): void {
    const [first] = this.#batch;
    if (first === undefined) return;
    const batch = this.#batch;
    this.#batch = [];
    void this.#track(this.#deps.network.ackAll(batch), first, 'not acknowledged');
  }

  /** Errors are logged: the message comes again when its time is over. */
  async #track(work: Promise<void>, popped: Popped, what: string): Promise<void> {
    const done = work.catch((thrown: unknown) => {
      const fields = { error: MqError.from(thrown), topic: popped.topic };
      this.#deps.logger.warn(fields, `A message was ${what}: it comes when its time is over`);
    });
    this.#underWay.add(done);
    await done;
    this.#underWay.delete(done);
  }
}
