import type { RemotingServer } from '@skylarkmq/remoting';
import { type ConnectionAdminDeps, registerConnectionHandlers } from './connection.ts';
import { registerConsumeQueueHandlers } from './consume-queue.ts';
import { type GroupAdminDeps, registerGroupHandlers } from './group.ts';
import { type OffsetAdminDeps, registerOffsetHandlers } from './offset.ts';
import { registerProgressHandlers } from './progress.ts';
import { type RelayDeps, registerRelayHandlers } from './relay.ts';
import { registerResetHandlers } from './reset-offset.ts';
import { type RuntimeAdminDeps, registerRuntimeHandlers } from './runtime.ts';
import { registerTopicHandlers } from './topic.ts';
import type { TopicAdminDeps } from './topic-deps.ts';
import { registerTransactionHandlers, type TransactionAdminDeps } from './transaction.ts';

/** What the processors of tools use, together. */
export type AdminDeps = ConnectionAdminDeps &
  GroupAdminDeps &
  OffsetAdminDeps &
  RelayDeps &
  RuntimeAdminDeps &
  TopicAdminDeps &
  TransactionAdminDeps;

/** Serves what tools ask of a broker. */
export function registerAdminHandlers(server: RemotingServer, deps: AdminDeps): void {
  registerTopicHandlers(server, deps);
  registerGroupHandlers(server, deps);
  registerProgressHandlers(server, deps);
  registerOffsetHandlers(server, deps);
  registerResetHandlers(server, deps);
  registerConsumeQueueHandlers(server, deps);
  registerConnectionHandlers(server, deps);
  registerRelayHandlers(server, deps);
  registerRuntimeHandlers(server, deps);
  registerTransactionHandlers(server, deps);
}
