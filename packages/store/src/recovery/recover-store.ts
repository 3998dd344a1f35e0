import { MqError, MqErrorCode } from '@skylarkmq/base';
import { lastPhysicalEnd, loadRange } from '../consume-queue/queue-loading.ts';
import { rangesOf, saveQueues } from '../consume-queue/queue-saving.ts';
import { removeOtherSnapshots } from '../consume-queue/queue-snapshot.ts';
import { correctMinOffset } from '../consume-queue/queue-trimming.ts';
import type { ExtensionReader } from '../consume-queue-ext/extension-reader.ts';
import type { DispatchMark } from '../housekeeping.ts';
import type { DamagedRange, RecoveryReport } from '../recovery-report.ts';
import { abortFile, abortPath, writeAbort } from './abort-file.ts';
import { cutTail } from './cut-tail.ts';
import { LogScanner } from './log-scanner.ts';
import { recordCrc } from './record-crc.ts';
import type { RecoveryInput } from './recovery-input.ts';
import { planApache, planOwn, type RecoveryPlan } from './recovery-plan.ts';
import { Redispatcher } from './redispatcher.ts';

/** What the running store needs to know. */
export interface Recovered {
  readonly report: RecoveryReport;
  readonly mark: DispatchMark;
  readonly writeLimit: number;
  readonly lastStoreTimestamp: number;
  readonly extensions: ExtensionReader;
  /** Removes `abort`: the store was closed cleanly. */
  markClean(): void;
}

/** What a scan of the log found. */
interface ScanResult {
  end: number;
  reason: string;
  lastRecordOffset: number;
  lastRecordBytes: number;
  lastStoreTimestamp: number;
  scanned: number;
  redispatched: number;
  missingUnits: number;
  readonly damaged: DamagedRange[];
}

/** Brings log, queues and index to the same point, durably. */
export async function recoverStore(input: RecoveryInput): Promise<Recovered> {
  const { options, log, queues, verifier, settings } = input;
  const { fileSystem, directory, clock, logger } = options;
  const began = clock.monotonicMs();
  const abort = abortFile(options);
  checkSizes(input);
  queues.repair = input.state !== null;
  log.segments.load(input.state !== null);
  verifier.crcFrom = input.state?.crcFrom ?? -1;
  const own = planOwn(input, abort);
  if (own === null) verifier.crcFrom = -1;
  const plan = own ?? planApache(input, abort !== 'none');
  const result = scanCompletely(input, plan);
  const tail = cutTail(input, plan, result.end, result.reason);
  const { end, lastRecordOffset, lastRecordBytes } = result;
  log.beginAt({ offset: end, lastRecordOffset, lastRecordBytes });
  const untouched = plan.clean && plan.own && result.scanned === 0;
  if (!untouched) await settleQueues(input, plan.own ? Number.POSITIVE_INFINITY : end);
  if (!settings.propertyCrc) verifier.crcFrom = -1;
  else if (verifier.crcFrom < 0) verifier.crcFrom = end;
  const writeLimit = untouched ? plan.writeLimit : end;
  const mark = await saveState(input, result, untouched, writeLimit);
  const report: RecoveryReport = {
    clean: plan.clean,
    writtenBySkylark: plan.own,
    logEnd: end,
    recordsScanned: result.scanned,
    recordsRedispatched: result.redispatched,
    durationMs: clock.monotonicMs() - began,
    damaged: [...result.damaged, ...tail],
  };
  logger.info({ ...report, damaged: report.damaged.length }, 'The store is open');
  return {
    report,
    mark,
    writeLimit,
    lastStoreTimestamp: result.lastStoreTimestamp,
    extensions: plan.extensions,
    markClean() {
      fileSystem.remove(abortPath(options));
      fileSystem.syncDirectory(directory);
    },
  };
}

/** Scans once more from the beginning when units turn out to be missing. */
function scanCompletely(input: RecoveryInput, plan: RecoveryPlan): ScanResult {
  const { log, queues } = input;
  const result = scan(input, plan);
  const isLost = result.missingUnits > 0 && result.damaged.length === 0;
  if (!isLost || plan.scanFrom <= log.minOffset) return result;
  // Units are missing of which no record was: a queue's file was lost. Build all again.
  for (const queue of queues.all()) queue.isUnknown = true;
  const whole = { ...plan, scanFrom: log.minOffset, queuesFrom: log.minOffset };
  // The index has seen everything from its own beginning on: not again.
  return scan({ ...input, index: null }, whole);
}

/** Notes durably that the store is open, and where everything begins. */
async function saveState(
  input: RecoveryInput,
  result: ScanResult,
  untouched: boolean,
  writeLimit: number,
): Promise<DispatchMark> {
  const { options, log, queues, index, durableFile, settings, verifier } = input;
  const { fileSystem, directory } = options;
  const { end, lastRecordOffset, lastRecordBytes } = result;
  const mark = { offset: end, index: index?.mark() ?? null };
  writeAbort(options);
  if (!untouched || input.state === null) {
    const deps = { fileSystem, directory, sync: syncFor(input), pause: () => null };
    const { queueSyncsMax: syncs } = settings;
    const plan = { from: 0, syncs, hasTime: () => true, readsBack: true };
    await saveQueues(deps, end, rangesOf(queues), plan);
  }
  durableFile.saveSync({
    durableOffset: end,
    writeLimit,
    lastRecordOffset,
    lastRecordBytes,
    lastRecordCrc: recordCrc(log, log.durable),
    dispatchedOffset: end,
    clean: false,
    indexName: mark.index?.name ?? '',
    indexHeader: mark.index?.header ?? null,
    logFileBytes: settings.commitLogFileBytes,
    queueFileBytes: settings.consumeQueueFileBytes,
    crcFrom: verifier.crcFrom,
    indexFiles: mark.index?.files ?? 0,
    minOffset: log.minOffset,
    checkpointCrc: 0,
  });
  removeOtherSnapshots(fileSystem, directory, end);
  return mark;
}

/** A store keeps the file sizes that it was made with. */
function checkSizes(input: RecoveryInput): void {
  const { state, settings, options } = input;
  if (state === null) return;
  const { commitLogFileBytes, consumeQueueFileBytes } = settings;
  if (state.logFileBytes === commitLogFileBytes && state.queueFileBytes === consumeQueueFileBytes) {
    return;
  }
  throw new MqError(
    MqErrorCode.InvalidArgument,
    `The store ${options.directory} has log files of ${state.logFileBytes} and queue files of ` +
      `${state.queueFileBytes} bytes, configured are ${commitLogFileBytes} and ` +
      `${consumeQueueFileBytes} (mappedFileSizeCommitLog, mappedFileSizeConsumeQueue)`,
  );
}

function scan(input: RecoveryInput, plan: RecoveryPlan): ScanResult {
  const { log, queues, index, verifier, settings, options } = input;
  const { delayLevelsMs } = settings;
  const { queuesFrom } = plan;
  const deps = { queues, index, verifier, delayLevelsMs, queuesFrom };
  const redispatcher = new Redispatcher(deps);
  const result: ScanResult = {
    ...plan.start,
    reason: '',
    scanned: 0,
    redispatched: 0,
    missingUnits: 0,
    damaged: [],
  };
  if (plan.scanFrom >= plan.knownEnd) return result;
  const scanner = new LogScanner(log, verifier);
  let position = plan.scanFrom;
  for (;;) {
    const stop = scanner.run(position, (_window, _at, size, offset) => {
      result.lastRecordOffset = offset;
      result.lastRecordBytes = size;
      result.lastStoreTimestamp = verifier.view.storeTimestamp;
      redispatcher.dispatch();
    });
    result.end = stop.offset;
    result.reason = stop.reason;
    if (stop.offset >= plan.durableOffset) break;
    if (verifier.hasForm && verifier.view.physicalOffset === stop.offset) redispatcher.reserve();
    const next = scanner.findProven(stop.offset + 1, plan.durableOffset);
    noteDamage(result.damaged, stop.offset, next, stop.reason || 'a file is missing');
    options.logger.error(
      { start: stop.offset, end: next, reason: stop.reason },
      'The log is damaged here; what follows is kept',
    );
    position = next;
  }
  result.scanned = scanner.recordsScanned;
  result.redispatched = redispatcher.count;
  result.missingUnits = redispatcher.missingUnits;
  return result;
}

function noteDamage(damaged: DamagedRange[], start: number, end: number, reason: string): void {
  const last = damaged[damaged.length - 1];
  if (last !== undefined && last.end === start) {
    damaged[damaged.length - 1] = { ...last, end };
    return;
  }
  damaged.push({ start, end, reason, quarantine: null, recordsBehind: 0 });
}

/** Writes queues and index as they are now, without leftovers; the index durably. */
async function settleQueues(input: RecoveryInput, limit: number): Promise<void> {
  const { log, queues, index } = input;
  for (const queue of queues.all()) {
    queue.flush();
    if (lastPhysicalEnd(queue) > limit) loadRange(queue, limit);
    if (queue.maxOffset === 0) queue.destroy();
    else queue.blankRest();
    correctMinOffset(queue, log.minOffset);
  }
  queues.flush(true);
  index?.flush();
  const paths = [...(index?.takeUnsynced() ?? [])];
  for (const { path } of log.segments.segments.slice(-2)) paths.push(path);
  const sync = syncFor(input);
  for (const path of paths) await sync(path);
}

/** Makes a file durable, if it is still there. */
function syncFor({ handles, options }: RecoveryInput): (path: string) => Promise<void> {
  return async (path) => {
    if (!options.fileSystem.exists(path)) return;
    const pinned = handles.pin(path);
    try {
      await pinned.handle.syncData();
    } finally {
      pinned.unpin();
    }
  };
}
