import type { Clock, Logger } from '@skylarkmq/base';
import type { MessageStore } from '@skylarkmq/store';
import type { ConsumerRegistry } from '../../consumer-group/consumer-registry.ts';
import type { BrokerIdentity } from '../../identity.ts';
import type { ConsumerOffsets } from '../../offset/consumer-offsets.ts';
import type { FlightTable } from '../../pop/flight-table.ts';
import type { BrokerSettings } from '../../settings.ts';
import type { BrokerStats } from '../../stats/broker-stats.ts';
import type { GroupTable } from '../../subscription/group-table.ts';
import type { TopicTable } from '../../topic/topic-table.ts';

/** What the processors about the progress of groups use. */
export interface ProgressAdminDeps {
  readonly topics: Pick<TopicTable, 'get'>;
  readonly groups: Pick<GroupTable, 'all' | 'get'>;
  readonly offsets: Pick<
    ConsumerOffsets,
    'clone' | 'groupsOf' | 'json' | 'offsetsOf' | 'pullOffset' | 'query' | 'reset' | 'topicsOf'
  >;
  readonly consumers: Pick<
    ConsumerRegistry,
    'client' | 'group' | 'groupsOf' | 'isOnline' | 'subscription'
  >;
  readonly store: Pick<
    MessageStore,
    | 'earliestStoreTime'
    | 'findQueue'
    | 'getMessages'
    | 'maxOffset'
    | 'messageStoreTime'
    | 'minOffset'
    | 'offsetByTime'
  >;
  readonly pop: { readonly flights: Pick<FlightTable, 'inFlight'> };
  readonly stats: Pick<BrokerStats, 'view'>;
  readonly identity: BrokerIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  settings(): BrokerSettings;
}
