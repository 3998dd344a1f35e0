/**
 * The lite topics that one consumer wants. Brokers keep that in memory and lose it with the
 * connection, so each is told all of it with every heartbeat. Changes go out one after the other: a
 * list that was made before a change must not arrive behind it.
 */
import { type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import type { LiteOffsetOption, LiteSubscriptionAction } from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import { changeLiteSubscription } from './change-subscription.ts';

/** What the subscriptions of a consumer need. */
export interface LiteSubscriptionsDeps {
  readonly requester: Requester;
  readonly logger: Logger;
  /** As brokers know them. */
  readonly group: string;
  readonly topic: string;
  /** Lite topics at most. */
  readonly max: number;
  /** Addresses of the masters that have the parent topic. */
  addresses(): Promise<readonly string[]>;
}

/** See the head of this file. */
export class LiteSubscriptions {
  readonly #deps: LiteSubscriptionsDeps;
  readonly #liteTopics = new Set<string>();
  #turn: Promise<void> = Promise.resolve();
  #left = false;

  constructor(deps: LiteSubscriptionsDeps) {
    this.#deps = deps;
  }

  get liteTopics(): readonly string[] {
    return [...this.#liteTopics];
  }

  // RocketMQ: LiteSubscriptionManager#subscribeLite
  add(liteTopic: string, offsetOption: LiteOffsetOption | undefined): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#liteTopics.has(liteTopic) && offsetOption === undefined) return;
      const { max, topic } = this.#deps;
      if (this.#liteTopics.size >= max && !this.#liteTopics.has(liteTopic)) {
        const text = `${max} lite topics of ${topic} are subscribed to, at most liteTopicsMax`;
        throw new MqError(MqErrorCode.Busy, `${text} (${max}) may be: unsubscribe from some`);
      }
      await this.#tellAll('PARTIAL_ADD', [liteTopic], offsetOption);
      this.#liteTopics.add(liteTopic);
    });
  }

  /** False if it was not there. */
  remove(liteTopic: string): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!this.#liteTopics.has(liteTopic)) return false;
      await this.#tellAll('PARTIAL_REMOVE', [liteTopic]);
      return this.#liteTopics.delete(liteTopic);
    });
  }

  /** Another member took it over. False if it was not there. */
  lost(liteTopic: string): boolean {
    return this.#liteTopics.delete(liteTopic);
  }

  /** Tells a broker of all of them; a group with a wildcard gets everything by that. */
  // RocketMQ: LiteSubscriptionManager#syncAllLiteSubscription
  announce(address: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#left || !(await this.#deps.addresses()).includes(address)) return;
      try {
        await this.#tell(address, 'COMPLETE_ADD', this.liteTopics);
      } catch (thrown) {
        const error = MqError.from(thrown);
        // A refusal stays one: only what may pass is worth an early heartbeat.
        if (error.retryable) throw error;
        const { group, logger, topic } = this.#deps;
        logger.warn({ error, group, topic, address }, 'Lite topics were not subscribed to');
      }
    });
  }

  /** Gives all of them back; errors are logged: brokers forget who is silent. */
  leave(): Promise<void> {
    this.#left = true;
    return this.#inTurn(async () => {
      try {
        await this.#tellAll('COMPLETE_REMOVE', []);
      } catch (thrown) {
        const { group, logger, topic } = this.#deps;
        const fields = { error: MqError.from(thrown), group, topic };
        logger.info(fields, 'Subscriptions of lite topics were not given back');
      }
    });
  }

  async #tellAll(
    action: LiteSubscriptionAction,
    liteTopics: readonly string[],
    offsetOption?: LiteOffsetOption,
  ): Promise<void> {
    const addresses = await this.#deps.addresses();
    if (addresses.length === 0) {
      const text = `No broker is known for topic ${this.#deps.topic}`;
      throw new MqError(MqErrorCode.NoRoute, text, { retryable: true });
    }
    await Promise.all(
      addresses.map((address) => this.#tell(address, action, liteTopics, offsetOption)),
    );
  }

  #tell(
    address: string,
    action: LiteSubscriptionAction,
    liteTopics: readonly string[],
    offsetOption?: LiteOffsetOption,
  ): Promise<void> {
    const { requester, group, topic } = this.#deps;
    const { clientId } = requester;
    const change = { action, clientId, group, topic, liteTopics, offsetOption };
    return changeLiteSubscription(requester, address, change);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    let done = (): void => {};
    this.#turn = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    try {
      return await work();
    } finally {
      done();
    }
  }
}
