/**
 * Keeps the cache of one queue filled: asks the broker for the next messages again and again, waits
 * while the cache is full or the consumer is paused, and survives every error by trying again. It
 * does not know who consumes, and it never touches offsets that are committed.
 */
import { type Clock, type Logger, MqError, type Scheduler } from '@skylarkmq/base';
import type { MessageQueue, StoredMessage } from '@skylarkmq/message';
import { pause } from '../async/pause.ts';
import type { ProcessQueue } from './process-queue.ts';

/** What came out of one pull. */
export type PullOutcome =
  /** Messages, in queue order. */
  | {
      readonly status: 'found';
      readonly messages: readonly StoredMessage[];
      readonly nextOffset: number;
    }
  /** Nothing for this consumer between the asked and the next offset. */
  | { readonly status: 'nothing'; readonly nextOffset: number }
  /** The asked offset is outside of what the broker has. */
  | { readonly status: 'moved'; readonly nextOffset: number };

/** When a queue is not pulled because too much of it is cached. */
export interface FlowLimits {
  readonly countMax: number;
  readonly bytesMax: number;
  /** Highest minus lowest cached offset; Infinity where order makes it meaningless. */
  readonly spanMax: number;
}

/** What a loop needs from its consumer. */
export interface PullLoopDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** How much of a queue may be cached now. */
  limitsOf(queue: MessageQueue): FlowLimits;
  /** Pause between two pulls, milliseconds. */
  readonly intervalMs: number;
  readonly errorPauseMs: number;
  pull(processQueue: ProcessQueue, offset: number, signal: AbortSignal): Promise<PullOutcome>;
  /** False while the consumer is paused or the queue is not locked for it. */
  mayPull(processQueue: ProcessQueue): boolean;
  /** New messages are in the cache. */
  filled(processQueue: ProcessQueue): void;
  /** The broker moved on to `nextOffset` without a message for us. */
  skipped(processQueue: ProcessQueue, nextOffset: number): void;
  /** The broker does not have the offset; the loop has ended. */
  moved(processQueue: ProcessQueue, nextOffset: number): void;
}

/** How long a paused loop waits before it looks again, milliseconds. */
// RocketMQ: DefaultMQPushConsumerImpl#PULL_TIME_DELAY_MILLS_WHEN_SUSPEND
const PAUSED_CHECK_MS = 1_000;
/** An empty answer that comes faster than this was not a long poll ... */
const LONG_POLL_MS_MIN = 10;
/** ... and is followed by a pause, so that a broker without long polling is not hammered. */
const SHORT_POLL_PAUSE_MS = 100;

/** The loop of one queue; see the head of this file. */
export class PullLoop {
  readonly processQueue: ProcessQueue;
  readonly #deps: PullLoopDeps;
  readonly #abort = new AbortController();
  #nextOffset: number;
  #done: Promise<void> | undefined;
  #wake: AbortController | undefined;

  constructor(processQueue: ProcessQueue, startOffset: number, deps: PullLoopDeps) {
    this.processQueue = processQueue;
    this.#nextOffset = startOffset;
    this.#deps = deps;
  }

  /** The offset of the next pull. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Ends the loop, and the pull that is under way, and waits until it is over. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake?.abort();
    await this.#done;
  }

  /** Ends a pause early: the consumer resumed, or a lock was won. */
  wake(): void {
    this.#wake?.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted && !this.processQueue.dropped) {
      try {
        await this.#round(signal);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = MqError.from(thrown);
        this.#deps.logger.warn({ error, queue: this.processQueue.queue }, 'Pull failed');
        await this.#pause(this.#deps.errorPauseMs);
      }
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { deps, processQueue } = this.#state();
    if (!deps.mayPull(processQueue)) return this.#pause(PAUSED_CHECK_MS);
    if (this.#isFull()) return this.#untilRoom(signal);
    const startedMs = deps.clock.monotonicMs();
    const asked = this.#nextOffset;
    const outcome = await deps.pull(processQueue, asked, signal);
    if (signal.aborted || processQueue.dropped) return;
    processQueue.lastPullAtMs = deps.clock.nowMs();
    if (outcome.status === 'moved') {
      this.#abort.abort();
      deps.moved(processQueue, outcome.nextOffset);
      return;
    }
    this.#nextOffset = outcome.nextOffset;
    if (outcome.status === 'found' && outcome.messages.length > 0) {
      processQueue.put(outcome.messages);
      deps.filled(processQueue);
    } else {
      deps.skipped(processQueue, outcome.nextOffset);
      const tookMs = deps.clock.monotonicMs() - startedMs;
      if (outcome.nextOffset === asked && tookMs < LONG_POLL_MS_MIN) {
        await this.#pause(SHORT_POLL_PAUSE_MS);
      }
    }
    if (deps.intervalMs > 0) await this.#pause(deps.intervalMs);
  }

  #state(): { deps: PullLoopDeps; processQueue: ProcessQueue } {
    return { deps: this.#deps, processQueue: this.processQueue };
  }

  #isFull(): boolean {
    const { countMax, bytesMax, spanMax } = this.#deps.limitsOf(this.processQueue.queue);
    const { count, bytes, span } = this.processQueue;
    return count > countMax || bytes > bytesMax || span > spanMax;
  }

  #untilRoom(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!signal.aborted && this.#isFull()) return;
        this.processQueue.onRoom(undefined);
        signal.removeEventListener('abort', check);
        resolve();
      };
      this.processQueue.onRoom(check);
      signal.addEventListener('abort', check, { once: true });
    });
  }

  async #pause(delayMs: number): Promise<void> {
    const wake = new AbortController();
    this.#wake = wake;
    if (this.#abort.signal.aborted) return;
    await pause(this.#deps.scheduler, delayMs, wake.signal);
    this.#wake = undefined;
  }
}
