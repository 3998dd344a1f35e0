import type { MessageStore } from '@skylarkmq/store';
import type { ConsumerRegistry } from './consumer-group/consumer-registry.ts';
import type { DelayOffsets } from './delay/delay-offsets.ts';
import type { ConsumerOffsets } from './offset/consumer-offsets.ts';
import type { TopicTable } from './topic/topic-table.ts';

/** A running broker from inside, to look at: nothing here changes anything. */
export interface BrokerView {
  readonly store: Pick<MessageStore, 'queues' | 'getMessages' | 'onArrival'>;
  readonly topics: Pick<TopicTable, 'get'>;
  readonly offsets: Pick<ConsumerOffsets, 'query'>;
  readonly delayOffsets: Pick<DelayOffsets, 'get'>;
  readonly consumers: Pick<ConsumerRegistry, 'group'>;
}
