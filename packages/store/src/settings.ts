import { UNIT_BYTES } from './consume-queue/unit.ts';
import type { RetentionOptions, StoreOptions } from './store-options.ts';

const MIB = 1024 * 1024;
/** Light queues that there may be. */
export const LIGHT_QUEUES_MAX: number = 1_000_000;
/** RocketMQ: MessageStoreConfig#messageDelayLevel, in seconds. */
const DELAY_LEVELS_S = [
  1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200,
];

/** The options with all defaults filled in. */
export interface Settings {
  readonly commitLogDirectories: readonly string[];
  readonly propertyCrc: boolean;
  readonly commitLogFileBytes: number;
  readonly consumeQueueFileBytes: number;
  readonly consumeQueueExtFileBytes: number;
  readonly batchConsumeQueueFileBytes: number;
  readonly indexSlots: number;
  readonly indexEntries: number;
  readonly indexEnabled: boolean;
  readonly maxMessageBytes: number;
  readonly multiDispatch: boolean;
  lightQueuesMax(): number;
  readonly flushIntervalMs: number;
  readonly flushTimeoutMs: number;
  readonly queueFlushIntervalMs: number;
  readonly queueSyncsMax: number;
  readonly tailCacheBytes: number;
  readonly pendingBytesMax: number;
  readonly openFilesMax: number;
  readonly delayLevelsMs: readonly number[];
  readonly retention: Required<RetentionOptions>;
}

/** Fills in the defaults of Apache RocketMQ 5.5.0 and our own. */
export function settingsOf(options: StoreOptions): Settings {
  const queueBytes = options.consumeQueueFileBytes ?? 6_000_000;
  const { retention = {} } = options;
  return {
    commitLogDirectories: options.commitLogDirectories ?? [`${options.directory}/commitlog`],
    propertyCrc: options.propertyCrc ?? true,
    commitLogFileBytes: options.commitLogFileBytes ?? 1024 * MIB,
    // RocketMQ: MessageStoreConfig#getMappedFileSizeConsumeQueue
    consumeQueueFileBytes: Math.ceil(queueBytes / UNIT_BYTES) * UNIT_BYTES,
    consumeQueueExtFileBytes: options.consumeQueueExtFileBytes ?? 48 * MIB,
    batchConsumeQueueFileBytes: options.batchConsumeQueueFileBytes ?? 13_800_000,
    indexSlots: options.indexSlots ?? 5_000_000,
    indexEntries: options.indexEntries ?? 20_000_000,
    indexEnabled: options.indexEnabled ?? true,
    maxMessageBytes: options.maxMessageBytes ?? 4 * MIB,
    multiDispatch: options.multiDispatch ?? true,
    lightQueuesMax: options.lightQueuesMax ?? (() => LIGHT_QUEUES_MAX),
    flushIntervalMs: options.flushIntervalMs ?? 500,
    flushTimeoutMs: options.flushTimeoutMs ?? 5000,
    queueFlushIntervalMs: options.queueFlushIntervalMs ?? 1000,
    queueSyncsMax: options.queueSyncsMax ?? 512,
    tailCacheBytes: options.tailCacheBytes ?? 32 * MIB,
    pendingBytesMax: options.pendingBytesMax ?? 64 * MIB,
    openFilesMax: options.openFilesMax ?? 512,
    delayLevelsMs: options.delayLevelsMs ?? DELAY_LEVELS_S.map((seconds) => seconds * 1000),
    retention: {
      hours: retention.hours ?? 72,
      deleteWhen: retention.deleteWhen ?? '04',
      diskMaxUsedRatio: retention.diskMaxUsedRatio ?? 0.75,
      diskCleanForciblyRatio: retention.diskCleanForciblyRatio ?? 0.85,
      diskWarningRatio: retention.diskWarningRatio ?? 0.9,
      cleanForcibly: retention.cleanForcibly ?? true,
      intervalMs: retention.intervalMs ?? 10000,
    },
  };
}
