/** Builds what POP is made of from the parts of a broker. */
import { JsonFile } from '@skylarkmq/base';
import type { RemotingClient } from '@skylarkmq/remoting';
import { type MessageStore, timersFiredUntil } from '@skylarkmq/store';
import { ClusterQueues } from './assignment/cluster-queues.ts';
import type { BrokerOptions } from './broker-options.ts';
import type { BrokerTables } from './broker-tables.ts';
import type { LiveSettings } from './config/live-settings.ts';
import type { BrokerIdentity } from './identity.ts';
import { PopService } from './pop/pop-service.ts';
import type { BrokerStats } from './stats/broker-stats.ts';
import type { TopicCreator } from './topic/topic-creator.ts';

interface Parts {
  readonly store: MessageStore;
  readonly tables: BrokerTables;
  readonly identity: BrokerIdentity;
  readonly live: LiveSettings;
  readonly client: RemotingClient;
  readonly topicCreator: TopicCreator;
  readonly stats: BrokerStats;
}

export interface PopParts {
  readonly pop: PopService;
  readonly clusterQueues: ClusterQueues;
}

export function makePopParts(options: BrokerOptions, parts: Parts): PopParts {
  const { clock, scheduler, prng, logger, fileSystem, directory } = options;
  const { store, tables, identity, live, client, topicCreator, stats } = parts;
  const { topics, groups, offsets, orders } = tables;
  const pop = new PopService({
    ...{ store, topics, groups, offsets, orders, topicCreator, stats, identity },
    ...{ clock, scheduler, prng, logger },
    progressFile: new JsonFile(fileSystem, `${directory}/config/popProgress.json`, logger),
    settings: () => live.get(),
    firedUntilMs: () => timersFiredUntil(fileSystem, directory),
  });
  const clusterQueues = new ClusterQueues({
    ...{ client, identity, topics, clock, logger },
    addresses: () => options.namesrvAddresses,
  });
  return { pop, clusterQueues };
}
