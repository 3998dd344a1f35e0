/** Puts the parts of a store together, in order, and takes them apart again. No logic. */
import { Appender } from './commit-log/appender.ts';
import { CommitLog } from './commit-log/commit-log.ts';
import { DurableFile } from './commit-log/durable-file.ts';
import { LogWriter } from './commit-log/log-writer.ts';
import { PendingRing } from './commit-log/pending-ring.ts';
import { PreWriter } from './commit-log/pre-writer.ts';
import { TailCache } from './commit-log/tail-cache.ts';
import { QueueTable } from './consume-queue/queue-table.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { HandlePool } from './file/handle-pool.ts';
import { SegmentList } from './file/segment-list.ts';
import { Housekeeping } from './housekeeping.ts';
import { IndexService } from './index/index-service.ts';
import { MessageReader } from './read/message-reader.ts';
import { RecordLookup } from './read/record-lookup.ts';
import { RECORD_OVERHEAD_BYTES, RecordVerifier } from './recovery/record-verifier.ts';
import { type Recovered, recoverStore } from './recovery/recover-store.ts';
import type { RecoveryReport } from './recovery-report.ts';
import { Cleaner } from './retention/cleaner.ts';
import { type Settings, settingsOf } from './settings.ts';
import { lockStore } from './store-lock.ts';
import type { StoreOptions } from './store-options.ts';

/** A running store's parts. */
export interface StoreEngine {
  readonly settings: Settings;
  readonly log: CommitLog;
  readonly queues: QueueTable;
  readonly index: IndexService | null;
  readonly dispatcher: Dispatcher;
  readonly writer: LogWriter;
  readonly appender: Appender;
  readonly reader: MessageReader;
  readonly lookup: RecordLookup;
  readonly housekeeping: Housekeeping;
  readonly cleaner: Cleaner;
  readonly recovery: RecoveryReport;
  readonly failureListeners: Set<(reason: string) => void>;
  stop(): Promise<void>;
}

/** Everything that lies on the disk, before anything runs. */
interface StoreFiles {
  readonly handles: HandlePool;
  readonly log: CommitLog;
  readonly queues: QueueTable;
  readonly index: IndexService | null;
  readonly verifier: RecordVerifier;
}

/** Locks, recovers, starts. */
export async function startEngine(options: StoreOptions): Promise<StoreEngine> {
  const settings = settingsOf(options);
  const { fileSystem, directory, logger, processId = 0 } = options;
  fileSystem.makeDirectory(directory);
  for (const path of settings.commitLogDirectories) fileSystem.makeDirectory(path);
  const lock = lockStore(fileSystem, directory, processId, logger);
  try {
    const files = openFiles(options, settings);
    const { file: durableFile, state } = DurableFile.open(fileSystem, directory);
    const recovered = await recoverStore({ options, settings, ...files, durableFile, state });
    return run(options, settings, files, durableFile, recovered, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openFiles(options: StoreOptions, settings: Settings): StoreFiles {
  const { fileSystem, clock, logger, directory } = options;
  const handles = new HandlePool(fileSystem, settings.openFilesMax);
  const segments = new SegmentList({
    fileSystem,
    handles,
    directories: settings.commitLogDirectories,
    fileBytes: settings.commitLogFileBytes,
    syncNames: true,
  });
  const tail = new TailCache(settings.tailCacheBytes, settings.commitLogFileBytes);
  const log = new CommitLog(segments, tail, handles);
  const queues = new QueueTable(
    fileSystem,
    handles,
    `${directory}/consumequeue`,
    settings.consumeQueueFileBytes,
  );
  const index = settings.indexEnabled
    ? new IndexService({
        fileSystem,
        handles,
        clock,
        logger,
        directory: `${directory}/index`,
        sizes: { slots: settings.indexSlots, entries: settings.indexEntries },
      })
    : null;
  const verifier = new RecordVerifier(settings.maxMessageBytes + RECORD_OVERHEAD_BYTES);
  return { handles, log, queues, index, verifier };
}

function run(
  options: StoreOptions,
  settings: Settings,
  files: StoreFiles,
  durableFile: DurableFile,
  recovered: Recovered,
  unlock: () => void,
): StoreEngine {
  const { fileSystem, clock, scheduler, logger, flush, directory } = options;
  const { handles, log, queues, index, verifier } = files;
  const failureListeners = new Set<(reason: string) => void>();
  const onFailure = (reason: string): void => {
    for (const listener of failureListeners) listener(reason);
  };
  const ring = new PendingRing();
  const dispatcher = new Dispatcher(ring, index, logger);
  dispatcher.dispatchedOffset = log.writtenOffset;
  dispatcher.lastStoreTimestamp = recovered.lastStoreTimestamp;
  const housekeeping: Housekeeping = new Housekeeping(
    {
      ...{ fileSystem, handles, clock, scheduler, logger, log, queues, index, dispatcher },
      ...{ directory, durableFile, onFailure, checkpointPath: `${directory}/checkpoint` },
      flushIntervalMs: settings.queueFlushIntervalMs,
      queueFileBytes: settings.consumeQueueFileBytes,
    },
    recovered.mark,
    recovered.writeLimit,
  );
  const writer = new LogWriter({
    ...{ log, ring, clock, scheduler, logger, flush, onFailure },
    flushIntervalMs: settings.flushIntervalMs,
    preWriter: flush === 'sync' ? new PreWriter(log, logger) : null,
    dispatch: (slot) => dispatcher.dispatch(slot),
    onAdvance: () => {
      log.tail.trim(Math.min(dispatcher.dispatchedOffset, log.writtenOffset));
    },
  });
  const appender = new Appender({
    ...{ log, ring, writer, clock, logger },
    storeHost: options.storeHost,
    propertyCrc: settings.propertyCrc,
    maxMessageBytes: settings.maxMessageBytes,
    pendingBytesMax: settings.pendingBytesMax,
    delayLevelsMs: settings.delayLevelsMs,
    indexEnabled: settings.indexEnabled,
    allowWrite: (end) => housekeeping.allowWrite(end),
  });
  const reader = new MessageReader({ log, verifier, logger, extTagsCode: recovered.extTagsCode });
  const lookup = new RecordLookup(log, verifier, () => dispatcher.dispatchedOffset);
  const cleaner = new Cleaner({
    ...{ fileSystem, clock, scheduler, logger, log, queues, index, appender, directory },
    retention: settings.retention,
  });
  cleaner.start();
  return {
    ...{ settings, log, queues, index, dispatcher, writer, appender, reader, lookup },
    ...{ housekeeping, cleaner, failureListeners },
    recovery: recovered.report,
    async stop() {
      cleaner.stop();
      await writer.close();
      const clean = writer.state === 'closed' && log.durableOffset === log.writtenOffset;
      await housekeeping.close(clean);
      await durableFile.close();
      if (clean) recovered.markClean();
      handles.closeAll();
      unlock();
    },
  };
}
