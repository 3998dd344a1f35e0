/** Puts the parts of a store together, in order, and takes them apart again. No logic. */
import { Appender } from './commit-log/appender.ts';
import { CommitLog } from './commit-log/commit-log.ts';
import { DurableFile } from './commit-log/durable-file.ts';
import { LogWriter } from './commit-log/log-writer.ts';
import { LightQueues } from './commit-log/multi-dispatch.ts';
import { PendingRing } from './commit-log/pending-ring.ts';
import { PreWriter } from './commit-log/pre-writer.ts';
import { TailCache } from './commit-log/tail-cache.ts';
import { QueueTable } from './consume-queue/queue-table.ts';
import { ExtensionWriter } from './consume-queue-ext/extension-writer.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { HandlePool } from './file/handle-pool.ts';
import { SegmentList } from './file/segment-list.ts';
import { Housekeeping } from './housekeeping.ts';
import { IndexService } from './index/index-service.ts';
import { MessageReader } from './read/message-reader.ts';
import { RecordLookup } from './read/record-lookup.ts';
import { UnitRepair } from './read/unit-repair.ts';
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
  readonly extensions: ExtensionWriter;
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
  readonly extensions: ExtensionWriter;
  readonly index: IndexService | null;
  readonly verifier: RecordVerifier;
}

/** Locks, recovers, starts. */
export async function startEngine(options: StoreOptions): Promise<StoreEngine> {
  const settings = settingsOf(options);
  const { fileSystem, directory, processId = 0 } = options;
  fileSystem.makeDirectory(directory);
  for (const path of settings.commitLogDirectories) fileSystem.makeDirectory(path);
  const lock = lockStore(fileSystem, directory, processId, options);
  try {
    return await openLocked(options, settings, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(
  options: StoreOptions,
  settings: Settings,
  unlock: () => void,
): Promise<StoreEngine> {
  const files = openFiles(options, settings);
  const { file, state } = DurableFile.open(options.fileSystem, options.directory);
  try {
    const recovered = await recoverStore({
      ...{ options, settings, ...files, durableFile: file, state },
    });
    return run(options, settings, files, file, recovered, unlock);
  } catch (error) {
    files.handles.closeAll();
    await file.close();
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
  const fileBytes = settings.consumeQueueExtFileBytes;
  const extensions = new ExtensionWriter({ fileSystem, handles, logger, directory, fileBytes });
  return { handles, log, queues, extensions, index, verifier };
}

/** What the makers of the parts have in common. */
interface Shared {
  readonly options: StoreOptions;
  readonly settings: Settings;
  readonly files: StoreFiles;
  readonly durableFile: DurableFile;
  readonly recovered: Recovered;
  readonly ring: PendingRing;
  readonly dispatcher: Dispatcher;
  readonly onFailure: (reason: string) => void;
}

function run(
  options: StoreOptions,
  settings: Settings,
  files: StoreFiles,
  durableFile: DurableFile,
  recovered: Recovered,
  unlock: () => void,
): StoreEngine {
  const { fileSystem, clock, scheduler, logger, directory } = options;
  const { handles, log, queues, extensions, index, verifier } = files;
  const failureListeners = new Set<(reason: string) => void>();
  const onFailure = (reason: string): void => {
    for (const listener of failureListeners) listener(reason);
  };
  const ring = new PendingRing();
  const dispatcher = new Dispatcher(ring, index, logger);
  dispatcher.dispatchedOffset = log.writtenOffset;
  dispatcher.lastStoreTimestamp = recovered.lastStoreTimestamp;
  const shared: Shared = {
    ...{ options, settings, files, durableFile, recovered, ring, dispatcher, onFailure },
  };
  const writer = makeWriter(shared);
  const housekeeping = makeHousekeeping(shared, writer);
  const appender = makeAppender(shared, writer, housekeeping);
  const reader = makeReader(shared);
  const lookup = new RecordLookup(log, verifier, () => dispatcher.dispatchedOffset);
  const cleaner = new Cleaner({
    ...{ fileSystem, clock, scheduler, logger, log, queues, index, appender, directory },
    ...{ retention: settings.retention, extensions },
  });
  cleaner.start();
  return {
    ...{ settings, log, queues, extensions, index, dispatcher, writer, appender, reader, lookup },
    ...{ housekeeping, cleaner, failureListeners },
    recovery: recovered.report,
    async stop() {
      await cleaner.stop();
      await writer.close();
      const clean = writer.state === 'closed' && log.durableOffset === log.writtenOffset;
      try {
        await housekeeping.close(clean);
        if (clean) recovered.markClean();
      } finally {
        // Whatever could not be written is recovered at the next start, as after a crash.
        await durableFile.close();
        handles.closeAll();
        unlock();
      }
    },
  };
}

function makeWriter(shared: Shared): LogWriter {
  const { options, settings, files, ring, dispatcher, onFailure } = shared;
  const { clock, scheduler, logger, flush } = options;
  const { log } = files;
  return new LogWriter({
    ...{ log, ring, clock, scheduler, logger, flush, onFailure },
    flushIntervalMs: settings.flushIntervalMs,
    flushTimeoutMs: settings.flushTimeoutMs,
    preWriter: flush === 'sync' ? new PreWriter(log, logger) : null,
    dispatch: (slot) => dispatcher.dispatch(slot),
    onAdvance: () => {
      log.tail.trim(Math.min(dispatcher.dispatchedOffset, log.writtenOffset));
    },
  });
}

function makeHousekeeping(shared: Shared, writer: LogWriter): Housekeeping {
  const { options, settings, files, dispatcher, durableFile, recovered } = shared;
  const { fileSystem, clock, scheduler, logger, directory } = options;
  const { handles, log, queues, extensions, index, verifier } = files;
  return new Housekeeping(
    {
      ...{ fileSystem, handles, clock, scheduler, logger, log, queues, index, dispatcher },
      ...{ directory, durableFile, checkpointPath: `${directory}/checkpoint` },
      fail: (reason) => writer.fail(reason),
      flushIntervalMs: settings.queueFlushIntervalMs,
      queueFileBytes: settings.consumeQueueFileBytes,
      queueSyncsMax: settings.queueSyncsMax,
      extensions,
      crcFrom: verifier.crcFrom,
    },
    recovered.mark,
    recovered.writeLimit,
  );
}

function makeAppender(shared: Shared, writer: LogWriter, housekeeping: Housekeeping): Appender {
  const { options, settings, files, ring } = shared;
  const { clock, logger, storeHost } = options;
  const { propertyCrc, maxMessageBytes, pendingBytesMax, delayLevelsMs, indexEnabled } = settings;
  const { multiDispatch, lightQueuesMax } = settings;
  return new Appender({
    ...{ log: files.log, ring, writer, clock, logger, storeHost },
    light: multiDispatch ? new LightQueues(files.queues, lightQueuesMax) : null,
    ...{ propertyCrc, maxMessageBytes, pendingBytesMax, delayLevelsMs, indexEnabled },
    allowWrite: (end) => housekeeping.allowWrite(end),
  });
}

function makeReader(shared: Shared): MessageReader {
  const { options, settings, files, recovered, dispatcher } = shared;
  const { logger } = options;
  const { log, queues, verifier } = files;
  const { delayLevelsMs } = settings;
  const visibleEnd = (): number => dispatcher.dispatchedOffset;
  const repair = new UnitRepair({ log, verifier, logger, delayLevelsMs, visibleEnd });
  return new MessageReader({
    ...{ log, verifier, logger, extensions: recovered.extensions },
    repairUnit: (queue, offset) => repair.repair(queue, offset),
    onDamagedQueue(queue) {
      if (queues.damaged) return;
      queues.damaged = true;
      const { topic, queueId } = queue;
      logger.error(
        { topic, queueId },
        'A consume queue is damaged; the next start builds it again',
      );
    },
  });
}
