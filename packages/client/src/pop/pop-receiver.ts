/**
 * Gets the next messages of some topics from whichever broker has some: asks broker after broker,
 * beginning behind the one that gave something last; when none has any, waits at all of them. To
 * wait takes nothing, so that a wait that is given up leaves no message behind.
 */
import { type Clock, type Logger, MqError, MqErrorCode, type Scheduler } from '@skylarkmq/base';
import { type MessageQueue, messageQueueKey, PropertyName } from '@skylarkmq/message';
import type { PopArguments } from '../api/pop-message.ts';
import type { PopNews } from '../api/pop-notification.ts';
import { pause } from '../async/pause.ts';
import { acceptsTag, type Subscription } from '../consumer/subscription.ts';
import type { PopNetwork } from './pop-network.ts';
import type { Popped } from './popped.ts';

/** What a receiver needs. */
export interface PopReceiverDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly network: PopNetwork;
  /** With topics as brokers know them. */
  readonly subscriptions: readonly Subscription[];
  readonly from: 'first' | 'last';
  readonly ordered: boolean;
}

/** One call. */
export interface PopWish {
  readonly max: number;
  readonly invisibleMs: number;
  /** How long to wait when there is nothing. */
  readonly awaitMs: number;
  /** Ends the wait with what there is: nothing. */
  readonly signal: AbortSignal;
}

/** A place where messages can come from. */
interface Source {
  readonly queue: MessageQueue;
  readonly subscription: Subscription;
}

/** After that the brokers of the topics are looked up again. */
const WAIT_MS_MAX = 10_000;
/** Pause before a broker is asked again that holds too many requests, or does not answer. */
const PAUSE_MS = 1_000;
/** Ordered pops whose answer was lost. */
const ATTEMPTS_MAX = 10_000;

/** See the head of this file. */
export class PopReceiver {
  readonly #deps: PopReceiverDeps;
  /** Sources are asked from this one on. */
  #next = 0;
  readonly #attempts = new Map<string, string>();

  constructor(deps: PopReceiverDeps) {
    this.#deps = deps;
  }

  /** Some messages of one topic; none when the time is over. NO_ROUTE while no topic is known. */
  async receive(wish: PopWish): Promise<readonly Popped[]> {
    const { clock } = this.#deps;
    const deadlineMs = clock.monotonicMs() + wish.awaitMs;
    for (;;) {
      const sources = await this.#sources();
      const messages = await this.#sweep(sources, wish);
      if (messages.length > 0 || wish.signal.aborted) return messages;
      const leftMs = Math.floor(deadlineMs - clock.monotonicMs());
      if (leftMs < 1) return [];
      await this.#wait(sources, { ...wish, awaitMs: Math.min(leftMs, WAIT_MS_MAX) });
      if (wish.signal.aborted) return [];
    }
  }

  async #sources(): Promise<readonly Source[]> {
    const { network, subscriptions } = this.#deps;
    const lists = await Promise.all(
      subscriptions.map(async (subscription) => {
        const queues = await network.brokersOf(subscription.topic);
        return queues.map((queue) => ({ queue, subscription }));
      }),
    );
    const sources = lists.flat();
    if (sources.length > 0) return sources;
    const topics = subscriptions.map(({ topic }) => topic).join(', ');
    throw new MqError(MqErrorCode.NoRoute, `No name server knows ${topics}: create the topic`, {
      retryable: true,
    });
  }

  /** Asks one source after the other; throws only when none of them answers. */
  async #sweep(sources: readonly Source[], wish: PopWish): Promise<readonly Popped[]> {
    const start = this.#next;
    let failed = 0;
    for (let turn = 0; turn < sources.length; turn++) {
      const index = (start + turn) % sources.length;
      const source = sources[index];
      if (source === undefined || wish.signal.aborted) return [];
      try {
        const messages = await this.#pop(source, wish);
        if (messages.length === 0) continue;
        this.#next = index + 1;
        return messages;
      } catch (thrown) {
        const error = MqError.from(thrown);
        failed++;
        if (failed === sources.length || error.code === MqErrorCode.Closed) throw error;
        this.#deps.logger.warn({ error, queue: source.queue }, 'Pop failed');
      }
    }
    return [];
  }

  async #pop(source: Source, wish: PopWish): Promise<readonly Popped[]> {
    const { network, ordered } = this.#deps;
    const key = messageQueueKey(source.queue);
    const attemptId = ordered ? (this.#attempts.get(key) ?? network.attemptId()) : undefined;
    if (attemptId !== undefined && this.#attempts.size < ATTEMPTS_MAX) {
      this.#attempts.set(key, attemptId);
    }
    const args = { ...this.#arguments(source, wish), holdMs: 0, attemptId };
    const { messages } = await network.pop(args);
    this.#attempts.delete(key);
    return this.#wanted(messages, source.subscription);
  }

  /** Brokers filter by hash codes: what only shares one is done for this group. */
  #wanted(messages: readonly Popped[], subscription: Subscription): readonly Popped[] {
    if (subscription.tags.size === 0) return messages;
    const wanted: Popped[] = [];
    const others: Popped[] = [];
    for (const popped of messages) {
      const accepted = acceptsTag(subscription, popped.message.properties.get(PropertyName.Tags));
      (accepted ? wanted : others).push(popped);
    }
    if (others.length > 0) this.#dismiss(others);
    return wanted;
  }

  #dismiss(messages: readonly Popped[]): void {
    const { logger, network } = this.#deps;
    network.ackAll(messages).catch((thrown: unknown) => {
      logger.warn({ error: MqError.from(thrown) }, 'Messages of other tags were not dismissed');
    });
  }

  /** Until one source has something, or the time is over. */
  async #wait(sources: readonly Source[], wish: PopWish): Promise<void> {
    const stop = new AbortController();
    const signal = AbortSignal.any([wish.signal, stop.signal]);
    let waiting = sources.length;
    await new Promise<void>((resolve) => {
      sources.forEach(async (source, index) => {
        const news = await this.#news(source, wish, signal);
        waiting--;
        if (news === 'messages' && !signal.aborted) this.#next = index;
        if (news === 'messages' || waiting === 0) resolve();
      });
    });
    stop.abort();
  }

  /** Never throws. */
  async #news(source: Source, wish: PopWish, signal: AbortSignal): Promise<PopNews> {
    const { logger, network, scheduler } = this.#deps;
    try {
      const args = { ...this.#arguments(source, wish), holdMs: wish.awaitMs };
      const news = await network.news(args, signal);
      if (news === 'full' || news === 'unsupported') {
        logger.warn({ queue: source.queue, news }, 'The broker does not tell of new messages');
        await pause(scheduler, Math.min(PAUSE_MS, wish.awaitMs), signal);
        return news === 'unsupported' ? 'messages' : news;
      }
      return news;
    } catch (thrown) {
      if (signal.aborted) return 'nothing';
      logger.warn({ error: MqError.from(thrown), queue: source.queue }, 'Waiting failed');
      await pause(scheduler, Math.min(PAUSE_MS, wish.awaitMs), signal);
      return 'nothing';
    }
  }

  #arguments({ queue, subscription }: Source, wish: PopWish): Omit<PopArguments, 'holdMs'> {
    const { from, ordered } = this.#deps;
    const { invisibleMs, max } = wish;
    return { queue, subscription, max, invisibleMs, from, ordered };
  }
}
