export { type AppendCompletion, AppendRequest } from './append-request.ts';
export type { QueueExtension } from './consume-queue-ext/queue-extension.ts';
export {
  type GetResult,
  GetStatus,
  type RecordFilter,
  type TagsCodeFilter,
} from './get-result.ts';
export { LogStore } from './log-store.ts';
export type {
  ArrivalListener,
  BitMapOf,
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
export { LIGHT_QUEUES_MAX } from './settings.ts';
export type { FlushMode, RetentionOptions, StoreOptions } from './store-options.ts';
export { type NewTimer, TimerIndex, type TimerIndexDeps } from './timer/timer-index.ts';
export {
  TimerMagic,
  type TimerUnit,
  timerDueMs,
  timerOutMs,
  timerSecond,
} from './timer/timer-unit.ts';
export { timersFiredUntil } from './timers-fired.ts';
