/** Popping without brokers: a network that a test scripts, in virtual time. */
import { type MqError, realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { type MessageQueue, messageQueueKey, type StoredMessage } from '@skylarkmq/message';
import type { PopArguments, PopResult } from '../../src/api/pop-message.ts';
import type { PopNews } from '../../src/api/pop-notification.ts';
import type { PopNetwork } from '../../src/pop/pop-network.ts';
import type { Popped } from '../../src/pop/popped.ts';
import { PopEngine, type PopEngineDeps } from '../../src/push/pop-engine.ts';
import {
  type PushConsumerOptions,
  resolvePushOptions,
} from '../../src/push/push-consumer-options.ts';
import { storedMessage } from './queues.ts';

/** Of a consumer that pops. */
export const POP_OPTIONS: PushConsumerOptions = {
  ...{ namesrv: '127.0.0.1:1', group: 'G', subscriptions: 'T', mode: 'pop' },
};

/** An engine that pops at broker `a`. */
export class PopEngineLab {
  readonly time = new VirtualTime(realScheduler);
  readonly network = new FakePopNetwork();
  readonly buried: StoredMessage[] = [];
  buryFailure: MqError | undefined;
  readonly engine: PopEngine;

  constructor(more: Partial<PushConsumerOptions>, deps: Pick<PopEngineDeps, 'lite'> = {}) {
    this.engine = new PopEngine({
      ...{ clock: this.time, scheduler: this.time, logger: silentLogger, network: this.network },
      clientId: 'me',
      options: resolvePushOptions({ ...POP_OPTIONS, ...more }, 1),
      assigned: (topic) => Promise.resolve([{ topic, brokerName: 'a', queueId: -1 }]),
      heartbeat: () => Promise.resolve(),
      bury: (message) => {
        if (this.buryFailure !== undefined) return Promise.reject(this.buryFailure);
        this.buried.push(message);
        return Promise.resolve();
      },
      ...deps,
    });
  }

  /** Starts with these messages at the broker. */
  async startWith(messages: readonly Popped[]): Promise<void> {
    this.network.arrive(...messages);
    this.engine.start();
    await this.time.advance(0);
  }
}

/** A message that lies at a broker. */
export function popped(brokerName: string, offset: number, more: Partial<Popped> = {}): Popped {
  const queue = { topic: 'T', brokerName, queueId: 0 };
  return {
    message: storedMessage(queue, offset),
    topic: 'T',
    reconsumeTimes: 0,
    handle: {
      ...{ startOffset: offset, popTime: 0, invisibleTime: 30_000, reviveQueueId: 1 },
      ...{ topicKind: '0', brokerName, queueId: 0, queueOffset: offset },
    },
    ...more,
  };
}

interface Waiting {
  readonly queue: MessageQueue;
  readonly resolve: (news: PopNews) => void;
}

/** Two brokers, `a` and `b`, with what a test puts there. */
export class FakePopNetwork implements PopNetwork {
  brokers: readonly string[] = ['a', 'b'];
  readonly pops: PopArguments[] = [];
  readonly acked: Popped[] = [];
  readonly changed: [Popped, number][] = [];
  readonly failures = new Map<string, MqError>();
  waiting: Waiting[] = [];
  changeFailure: MqError | undefined;
  #held: Promise<void> | undefined;
  readonly #lying = new Map<string, Popped[]>();
  #attempts = 0;

  /** Puts messages at a broker and tells who waits there. */
  arrive(...messages: readonly Popped[]): void {
    for (const one of messages) {
      const { brokerName } = one.handle;
      const lying = this.#lying.get(brokerName) ?? [];
      this.#lying.set(brokerName, lying);
      lying.push(one);
      const woken = this.waiting.filter(({ queue }) => queue.brokerName === brokerName);
      this.waiting = this.waiting.filter((other) => !woken.includes(other));
      for (const { resolve } of woken) resolve('messages');
    }
  }

  brokersOf(topic: string): Promise<readonly MessageQueue[]> {
    return Promise.resolve(this.brokers.map((brokerName) => ({ topic, brokerName, queueId: -1 })));
  }

  pop(args: PopArguments): Promise<PopResult> {
    this.pops.push(args);
    const failure = this.failures.get(args.queue.brokerName);
    if (failure !== undefined) return Promise.reject(failure);
    const lying = this.#lying.get(args.queue.brokerName) ?? [];
    return Promise.resolve({ messages: lying.splice(0, args.max), full: false });
  }

  news(args: PopArguments, signal: AbortSignal): Promise<PopNews> {
    return new Promise((resolve) => {
      this.waiting.push({ queue: args.queue, resolve });
      signal.addEventListener('abort', () => {
        const key = messageQueueKey(args.queue);
        this.waiting = this.waiting.filter(({ queue }) => messageQueueKey(queue) !== key);
        resolve('nothing');
      });
    });
  }

  ack(one: Popped): Promise<void> {
    this.acked.push(one);
    return Promise.resolve();
  }

  ackAll(messages: readonly Popped[]): Promise<void> {
    this.acked.push(...messages);
    return Promise.resolve();
  }

  async changeInvisible(one: Popped, invisibleMs: number): Promise<void> {
    await this.#held;
    if (this.changeFailure !== undefined) throw this.changeFailure;
    this.changed.push([one, invisibleMs]);
  }

  /** Answers no change until {@link releaseChanges}. */
  holdChanges(): void {
    this.#held = new Promise((resolve) => {
      this.releaseChanges = resolve;
    });
  }

  releaseChanges: () => void = () => {};

  attemptId(): string {
    this.#attempts++;
    return `attempt-${this.#attempts}`;
  }
}
