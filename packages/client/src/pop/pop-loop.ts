/**
 * Takes messages at one place (a queue, or all queues of a broker) again and again, waits while too
 * many are not settled, and survives every error by trying again.
 */
import { type Clock, type Logger, MqError, type Scheduler } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import type { PopNews } from '../api/pop-notification.ts';
import { pause } from '../async/pause.ts';
import type { Popped } from './popped.ts';

/** What a loop needs from its consumer. */
export interface PopLoopDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Messages that are not settled at most. */
  readonly unsettledMax: number;
  mayPop(): boolean;
  /** `signal` may end it early where nothing can be lost by that. */
  pop(queue: MessageQueue, signal: AbortSignal): Promise<readonly Popped[]>;
  /** Waits at the broker until there is something. */
  news(queue: MessageQueue, signal: AbortSignal): Promise<PopNews>;
  /** Messages came; `room` must be called when one of them is settled. */
  arrived(messages: readonly Popped[], loop: PopLoop): void;
}

// RocketMQ: DefaultMQPushConsumerImpl (PULL_TIME_DELAY_MILLS_WHEN_SUSPEND,
// pullTimeDelayMillsWhenException)
const PAUSE_MS = 1_000;

/** See the head of this file. */
export class PopLoop {
  readonly queue: MessageQueue;
  /** Messages that were taken and are not settled. */
  unsettled = 0;
  /** Wall clock of the last answered pop, milliseconds; 0 before. */
  lastPopAtMs = 0;
  readonly #deps: PopLoopDeps;
  readonly #abort = new AbortController();
  #wake = new AbortController();
  #done: Promise<void> | undefined;

  constructor(queue: MessageQueue, deps: PopLoopDeps) {
    this.queue = queue;
    this.#deps = deps;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Ends the loop and waits until it is over. What it took stays taken. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake.abort();
    await this.#done;
  }

  /** Some messages are settled. */
  settled(count: number): void {
    this.unsettled -= count;
    this.wake();
  }

  /** Ends a pause early. */
  wake(): void {
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    const { logger } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.#round(signal);
      } catch (thrown) {
        if (signal.aborted) return;
        logger.warn({ error: MqError.from(thrown), queue: this.queue }, 'Pop failed');
        await this.#pause();
      }
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { clock, unsettledMax } = this.#deps;
    // RocketMQ: DefaultMQPushConsumerImpl#popMessage (popThresholdForQueue)
    if (!this.#deps.mayPop() || this.unsettled > unsettledMax) return this.#pause();
    const messages = await this.#deps.pop(this.queue, signal);
    this.lastPopAtMs = clock.nowMs();
    if (messages.length > 0) {
      this.unsettled += messages.length;
      this.#deps.arrived(messages, this);
      return;
    }
    if (signal.aborted) return;
    const news = await this.#deps.news(this.queue, signal);
    if (news === 'full' || news === 'unsupported') await this.#pause();
  }

  async #pause(): Promise<void> {
    this.#wake = new AbortController();
    if (this.#abort.signal.aborted) return;
    await pause(this.#deps.scheduler, PAUSE_MS, this.#wake.signal);
  }
}
