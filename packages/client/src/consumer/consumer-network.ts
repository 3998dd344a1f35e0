import type { MessageQueue, StoredMessage } from '@skylarkmq/message';
import type { PullOutcome } from './pull-loop.ts';
import type { Subscription } from './subscription.ts';

/** One pull as a consumer asks for it. */
export interface PullArguments {
  readonly queue: MessageQueue;
  readonly offset: number;
  readonly subscription: Subscription;
  readonly batchSize: number;
  readonly batchBytes: number;
  /** How long the broker may hold the request while there is nothing, milliseconds. */
  readonly holdMs: number;
  readonly timeoutMs: number;
  /** Offset to commit on the way, undefined for none. */
  readonly commitOffset: number | undefined;
  /** The lightweight pull of pull consumers. */
  readonly lite: boolean;
}

/**
 * The requests that a consumer makes for its group. Queues, topics and groups have the names that
 * brokers know; all calls throw MqError.
 */
export interface ConsumerNetwork {
  readonly clientId: string;
  pull(args: PullArguments, signal: AbortSignal): Promise<PullOutcome>;
  /** All readable queues of a topic; undefined if the topic is not known. */
  queuesOf(topic: string): Promise<readonly MessageQueue[] | undefined>;
  membersOf(topic: string): Promise<readonly string[]>;
  maxOffset(queue: MessageQueue): Promise<number>;
  minOffset(queue: MessageQueue): Promise<number>;
  offsetByTime(queue: MessageQueue, timestampMs: number): Promise<number>;
  query(queue: MessageQueue): Promise<number | undefined>;
  commit(queue: MessageQueue, offset: number, surely: boolean): Promise<void>;
  lock(brokerName: string, queues: readonly MessageQueue[]): Promise<readonly MessageQueue[]>;
  unlock(brokerName: string, queues: readonly MessageQueue[]): Promise<void>;
  /** Hands a message back; see `CONSUMER_SEND_MSG_BACK`. */
  sendBack(message: StoredMessage, brokerName: string, args: SendBackArguments): Promise<void>;
  /**
   * Asks brokers whether they can filter by these subscriptions. RESPONSE with the broker's words
   * when an expression is wrong (code 23) or not supported (code 1).
   */
  check(subscriptions: readonly Subscription[]): Promise<void>;
  /** Announces the consumer to all brokers. */
  heartbeat(): Promise<void>;
}

/** How a message is handed back. */
export interface SendBackArguments {
  /** -1: dead letters; 0: the broker's back-off; else a delay level. */
  readonly delayLevel: number;
  /** Undefined leaves it to the group's configuration at the broker. */
  readonly maxReconsumeTimes: number | undefined;
  /** Redeliveries so far. */
  readonly reconsumeTimes: number;
  /** What the last attempt failed with; undefined if nobody said. */
  readonly lastError?: string | undefined;
}
