import type { CommitLog } from '../commit-log/commit-log.ts';
import type { DurableFile, DurableState } from '../commit-log/durable-file.ts';
import type { QueueTable } from '../consume-queue/queue-table.ts';
import type { HandlePool } from '../file/handle-pool.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Settings } from '../settings.ts';
import type { StoreOptions } from '../store-options.ts';
import type { RecordVerifier } from './record-verifier.ts';

/** Everything that recovery works on; nothing of it runs yet. */
export interface RecoveryInput {
  readonly options: StoreOptions;
  readonly settings: Settings;
  readonly handles: HandlePool;
  readonly log: CommitLog;
  readonly queues: QueueTable;
  readonly index: IndexService | null;
  readonly verifier: RecordVerifier;
  readonly durableFile: DurableFile;
  /** What the side file says; null when there is none. */
  readonly state: DurableState | null;
}
