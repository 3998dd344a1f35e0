import type { MessageQueue, StoredMessage } from '@skylarkmq/message';
import type { DeliveryLine } from '../consumer/delivery-line.ts';
import type { QueueOffset } from '../consumer/offset-store.ts';
import type { CachedMessage } from '../consumer/process-queue.ts';
import type { Subscription } from '../consumer/subscription.ts';
import type { ConsumeStatistics } from './consume-statistics.ts';
import type { Settlement } from './settlement.ts';

/** The machinery of a push consumer: gets messages, puts them in line, settles them. */
export interface ConsumeEngine {
  readonly line: DeliveryLine;
  readonly settlement: Settlement;
  readonly statistics: ConsumeStatistics;
  /** What the consumer announces to brokers. */
  subscriptions(): readonly Subscription[];
  /** Begins; the consumer must be registered and its offsets loaded. */
  start(): void;
  /** Ends; `impatient` is called when the time for messages that are out is over. */
  stop(impatient: () => void): Promise<void>;
  pause(): void;
  resume(): void;
  /** Looks at once which queues are ours. */
  rebalance(): void;
  /** Sets the offsets of a topic from outside. */
  resetOffsets(topic: string, wanted: readonly QueueOffset[]): Promise<void>;
  /** Takes a message back that its receiver dropped without settling it: it comes again. */
  abandon(entry: CachedMessage): void;
  assignment(): readonly MessageQueue[];
  /** The topic that users see. */
  visibleTopic(message: StoredMessage): string;
}
