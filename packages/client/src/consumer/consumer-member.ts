import type { MessageQueue, StoredMessage } from '@skylarkmq/message';
import type { TopicRoute } from '../route/topic-route.ts';
import type { QueueOffset } from './offset-store.ts';
import type { ConsumeFrom } from './start-offset.ts';
import type { Subscription } from './subscription.ts';

/** One consumer as its client instance sees it: what it announces and what it reacts to. */
export interface ConsumerMember {
  readonly group: string;
  /** Pushes to a handler, is polled, or takes messages without owning queues. */
  readonly kind: 'push' | 'pull' | 'pop';
  readonly broadcasting: boolean;
  readonly consumeFrom: ConsumeFrom;
  /** What it announces with heartbeats, with names as brokers know them. */
  subscriptions(): readonly Subscription[];
  /** Members of the group came or went. */
  membersChanged(): void;
  /** A topic's queues changed. */
  routeChanged(route: TopicRoute): void;
  /** A broker has been told of the group, again or for the first time. */
  announced?(address: string): Promise<void>;
  /** Another member of the group took a lite topic over. */
  liteTopicLost?(liteTopic: string): void;
  /** A tool sets the offsets of a topic. */
  resetOffsets(topic: string, offsets: readonly QueueOffset[]): Promise<void>;
  /** The consumer's own view of its offsets in a topic. */
  offsetsOf(topic: string): readonly QueueOffset[];
  /** How it is doing, for tools. */
  runningInfo(): ConsumerRunningState;
  /** Lets a tool run one message through the handler. */
  consumeDirectly(message: StoredMessage, brokerName: string): Promise<DirectResult>;
}

/** What tools are told about a consumer. */
export interface ConsumerRunningState {
  readonly properties: ReadonlyMap<string, string>;
  readonly queues: readonly QueueState[];
  /** Where messages are popped; absent for consumers that do not. */
  readonly popQueues?: readonly PopQueueState[];
  readonly topics: ReadonlyMap<string, TopicState>;
}

/** The state of one assigned queue. */
export interface QueueState {
  readonly queue: MessageQueue;
  readonly commitOffset: number;
  readonly cachedMinOffset: number;
  readonly cachedMaxOffset: number;
  readonly cachedCount: number;
  readonly cachedBytes: number;
  readonly locked: boolean;
  readonly dropped: boolean;
  readonly lastPullAtMs: number;
  readonly lastDeliveryAtMs: number;
}

/** The state of one place where messages are popped. */
export interface PopQueueState {
  /** Queue -1: all queues of the broker. */
  readonly queue: MessageQueue;
  /** Messages that are held and not settled. */
  readonly unsettled: number;
  readonly lastPopAtMs: number;
}

/** Rates per second and mean times in milliseconds. */
export interface TopicState {
  readonly pullRtMs: number;
  readonly pullTps: number;
  readonly consumeRtMs: number;
  readonly consumeOkTps: number;
  readonly consumeFailedTps: number;
  readonly consumeFailedCount: number;
}

/** How a message fared that a tool sent through the handler. */
export interface DirectResult {
  readonly result: 'CR_SUCCESS' | 'CR_LATER' | 'CR_THROW_EXCEPTION';
  readonly remark: string | undefined;
  readonly spentMs: number;
  readonly ordered: boolean;
}
