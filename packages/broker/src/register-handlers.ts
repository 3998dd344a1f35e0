/** The table of request codes: gives each family of processors what it uses, and nothing else. */
import type { Clock, Logger, Prng, VolumeSpace } from '@skylarkmq/base';
import type { RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import type { ClusterQueues } from './assignment/cluster-queues.ts';
import type { BrokerTables } from './broker-tables.ts';
import type { LiveSettings } from './config/live-settings.ts';
import type { DelayService } from './delay/delay-service.ts';
import type { BrokerIdentity } from './identity.ts';
import type { LiteService } from './lite/lite-service.ts';
import type { PullHolds } from './long-poll/pull-holds.ts';
import type { PopService } from './pop/pop-service.ts';
import { registerAdminHandlers } from './processors/admin/register-admin.ts';
import { registerAssignmentHandlers } from './processors/assignment.ts';
import { registerClientHandlers } from './processors/client.ts';
import { registerConsumerHandlers } from './processors/consumer.ts';
import { registerDeadLetterHandlers } from './processors/dead-letter.ts';
import { registerEndTransaction } from './processors/end-transaction.ts';
import { registerLiteHandlers } from './processors/lite.ts';
import { registerLiteInfoHandlers } from './processors/lite-info.ts';
import { registerOffsetHandlers } from './processors/offset.ts';
import { registerPopHandlers } from './processors/pop.ts';
import { registerPopAckHandlers } from './processors/pop-ack.ts';
import { registerPopLookHandlers } from './processors/pop-look.ts';
import { registerPullHandlers } from './processors/pull.ts';
import { registerQueryHandlers } from './processors/query-message.ts';
import { registerRecallHandlers } from './processors/recall.ts';
import { registerReplyHandlers } from './processors/reply.ts';
import { registerSendHandlers } from './processors/send.ts';
import { registerSendBackHandlers } from './processors/send-back.ts';
import { LogicalOffsets } from './static-topic/logical-offsets.ts';
import type { PeerBrokers } from './static-topic/peer-brokers.ts';
import type { BrokerStats } from './stats/broker-stats.ts';
import type { TimerService } from './timer/timer-service.ts';
import type { TopicCreator } from './topic/topic-creator.ts';
import type { Transactions } from './transaction/transactions.ts';

export interface HandlerParts {
  readonly clock: Clock;
  readonly prng: Prng;
  readonly logger: Logger;
  readonly identity: BrokerIdentity;
  readonly store: MessageStore;
  readonly tables: BrokerTables;
  readonly topicCreator: TopicCreator;
  readonly stats: BrokerStats;
  readonly holds: PullHolds;
  readonly delay: DelayService;
  readonly transactions: Transactions;
  readonly pop: PopService;
  readonly lite: LiteService;
  readonly clusterQueues: ClusterQueues;
  readonly peers: PeerBrokers;
  readonly timers: TimerService;
  readonly live: LiveSettings;
  /** Whether messages can be found by their keys. */
  readonly isIndexed: boolean;
  /** When the broker started, by the wall clock. */
  readonly startedAtMs: number;
  /** Of the volume that the log is on. */
  volume(): VolumeSpace;
  announce(): Promise<void>;
}

export function registerHandlers(server: RemotingServer, parts: HandlerParts): void {
  const { tables, ...rest } = parts;
  const logicalOffsets = new LogicalOffsets({ ...rest, ...tables });
  const deps = { ...rest, ...tables, logicalOffsets, settings: () => parts.live.get() };
  registerSendHandlers(server, deps);
  registerReplyHandlers(server, deps);
  registerPullHandlers(server, deps);
  registerQueryHandlers(server, deps);
  registerClientHandlers(server, deps);
  registerConsumerHandlers(server, deps);
  registerOffsetHandlers(server, deps);
  registerRecallHandlers(server, deps);
  registerSendBackHandlers(server, deps);
  registerDeadLetterHandlers(server, deps);
  registerEndTransaction(server, deps);
  registerPopHandlers(server, deps);
  registerPopAckHandlers(server, deps);
  registerPopLookHandlers(server, deps);
  registerLiteHandlers(server, deps);
  registerLiteInfoHandlers(server, deps);
  registerAssignmentHandlers(server, deps);
  registerAdminHandlers(server, deps);
}
