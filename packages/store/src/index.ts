export { type AppendCompletion, AppendRequest } from './append-request.ts';
export { type GetResult, GetStatus, type TagsCodeFilter } from './get-result.ts';
export { LogStore } from './log-store.ts';
export type {
  ArrivalListener,
  KeyKind,
  MessageStore,
  PutMessage,
  PutResult,
  QueryResult,
  StoreHealth,
  TimeBoundary,
} from './message-store.ts';
export { PutStatus } from './put-status.ts';
export type { QueueHandle } from './queue-handle.ts';
export type { DamagedRange, RecoveryReport } from './recovery-report.ts';
export type { FlushMode, RetentionOptions, StoreOptions } from './store-options.ts';
