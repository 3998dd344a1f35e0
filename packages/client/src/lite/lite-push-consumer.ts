/**
 * Receives the messages of lite topics, small topics within a parent topic, that are subscribed to
 * and left one by one while it runs. Messages of a lite topic come in order, one at a time; one
 * that failed blocks its lite topic, and no other.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { abortable, type CallOptions } from '../async/abortable.ts';
import { checkLiteTopic } from '../producer/outgoing-message.ts';
import { PushConsumer } from '../push/push-consumer.ts';
import {
  type LiteFrom,
  type LitePushConsumerOptions,
  liteTopicsMaxOf,
  offsetOptionOf,
  pushOptionsOf,
} from './lite-push-consumer-options.ts';
import { type OpenedLiteEngine, openLiteEngine } from './open-lite-engine.ts';

/** How a lite topic is subscribed to. */
export interface SubscribeLiteOptions extends CallOptions {
  /** Where the group begins. Default: where it was, a new group with the first message. */
  readonly from?: LiteFrom;
}

/** See the head of this file. */
export class LitePushConsumer extends PushConsumer {
  /** The parent topic. */
  readonly topic: string;
  readonly #engine: { current?: OpenedLiteEngine };

  constructor(options: LitePushConsumerOptions) {
    const engine: { current?: OpenedLiteEngine } = {};
    const liteTopicsMax = liteTopicsMaxOf(options);
    const lost = (liteTopic: string): void => options.onLiteTopicLost?.(liteTopic);
    super(pushOptionsOf(options), (instance, client, resolved) => {
      engine.current = openLiteEngine(instance, client, resolved, { liteTopicsMax, lost });
      return engine.current.opened;
    });
    this.#engine = engine;
    this.topic = options.topic;
  }

  /**
   * Gets the messages of a lite topic from now on; starts the consumer if it was not started. Again
   * for one that is subscribed to has an effect only with `from`. Throws `BUSY` when there are too
   * many subscriptions, here (`liteTopicsMax`) or at a broker (`responseCode` 2018),
   * `INVALID_ARGUMENT` when topic or group are not made for it, `RESPONSE` when a broker refuses.
   */
  async subscribeLite(liteTopic: string, options: SubscribeLiteOptions = {}): Promise<void> {
    checkLiteTopic(liteTopic);
    const offsetOption = offsetOptionOf(options.from);
    await this.start(options);
    const { subscriptions, wake } = this.#opened();
    await abortable(subscriptions.add(liteTopic, offsetOption), options.signal);
    wake();
  }

  /**
   * Ends a subscription: what was taken and not looked at is given back, what is with a handler is
   * settled as ever. Nothing happens for one that is not there.
   */
  async unsubscribeLite(liteTopic: string, options: CallOptions = {}): Promise<void> {
    checkLiteTopic(liteTopic);
    const engine = this.#engine.current;
    if (engine === undefined) return;
    const { giveBack, subscriptions } = engine;
    const removed = subscriptions.remove(liteTopic).then(async (wasThere) => {
      if (wasThere) await giveBack(liteTopic);
    });
    await abortable(removed, options.signal);
  }

  /** The lite topics that are subscribed to. */
  get liteTopics(): readonly string[] {
    return this.#engine.current?.subscriptions.liteTopics ?? [];
  }

  #opened(): OpenedLiteEngine {
    const { current } = this.#engine;
    if (current !== undefined) return current;
    throw new MqError(MqErrorCode.Closed, `The consumer of group ${this.group} is closed`);
  }
}
