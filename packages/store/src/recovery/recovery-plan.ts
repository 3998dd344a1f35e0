/** Decides who wrote last, and from where the log has to be read again. */
import { checkpointCrc, checkpointTime, readCheckpoint } from '../checkpoint.ts';
import type { CommitLog } from '../commit-log/commit-log.ts';
import { lastPhysicalEnd, loadRange } from '../consume-queue/queue-loading.ts';
import { applySaved, loadSnapshot } from '../consume-queue/queue-snapshot.ts';
import {
  createExtensionReader,
  type ExtensionReader,
} from '../consume-queue-ext/extension-reader.ts';
import type { IndexMark } from '../index/index-service.ts';
import type { AbortFile } from './abort-file.ts';
import { recordCrc } from './record-crc.ts';
import type { RecordVerifier } from './record-verifier.ts';
import type { RecoveryInput } from './recovery-input.ts';

/** What is to be done; offsets are positions in the log. */
export interface RecoveryPlan {
  readonly own: boolean;
  readonly clean: boolean;
  /** Nothing is read before this. */
  readonly scanFrom: number;
  /** The log is known to end here, when nothing has to be read; Infinity otherwise. */
  readonly knownEnd: number;
  /** Before this an invalid record is damage to skip; from here on it is the end. */
  readonly durableOffset: number;
  /** Nothing was written from here on. */
  readonly writeLimit: number;
  /** Records before this are in their queues. */
  readonly queuesFrom: number;
  /** The end as it is known before anything is read. */
  readonly start: {
    readonly end: number;
    readonly lastRecordOffset: number;
    readonly lastRecordBytes: number;
    readonly lastStoreTimestamp: number;
  };
  readonly extensions: ExtensionReader;
}

/** The plan when Skylark wrote last; null when it did not. */
export function planOwn(input: RecoveryInput, abort: AbortFile): RecoveryPlan | null {
  const { log, queues, index, options, state, verifier } = input;
  if (state === null || othersWrote(input, abort)) return null;
  const { durableOffset, lastRecordOffset, lastRecordBytes, dispatchedOffset } = state;
  const end = { offset: durableOffset, lastRecordOffset, lastRecordBytes };
  const gone = lastRecordOffset < log.minOffset && log.segments.first !== undefined;
  if (lastRecordOffset >= 0 && !gone && recordCrc(log, end) !== state.lastRecordCrc) {
    // One rotten record must not make the whole side file worthless.
    if (!looksOwn(log, verifier, durableOffset)) return null;
  }
  const clean = state.clean && abort === 'none';
  if (clean && hasMagicAt(log, durableOffset)) return null;
  if (log.segments.last !== undefined && durableOffset < log.minOffset) return null;
  queues.load();
  const saved = loadSnapshot(options.fileSystem, options.directory, dispatchedOffset);
  let queuesFrom = Math.max(dispatchedOffset, log.minOffset);
  const whole = (saved ?? []).every((one) =>
    applySaved(queues.get(one.topic, one.queueId), one, dispatchedOffset),
  );
  if (saved === null || !whole) {
    for (const queue of queues.all()) queue.isUnknown = true;
    queuesFrom = log.minOffset;
  }
  const indexFrom = loadOwnIndex(input, clean);
  const scanFrom = Math.min(queuesFrom, indexFrom);
  return {
    own: true,
    clean,
    scanFrom,
    knownEnd: clean ? durableOffset : Number.POSITIVE_INFINITY,
    durableOffset,
    writeLimit: state.writeLimit,
    queuesFrom,
    start: {
      end: durableOffset,
      lastRecordOffset,
      lastRecordBytes,
      lastStoreTimestamp: index?.lastTimestamp ?? 0,
    },
    extensions: createExtensionReader(options, input.settings),
  };
}

/** The plan of Apache's own recovery. RocketMQ: CommitLog#recoverNormally, #recoverAbnormally */
export function planApache(input: RecoveryInput, aborted: boolean): RecoveryPlan {
  const { log, queues, index, options, settings } = input;
  const { fileSystem, directory } = options;
  queues.load();
  let queuesEnd = -1;
  for (const queue of queues.all()) {
    loadRange(queue, Number.POSITIVE_INFINITY);
    queuesEnd = Math.max(queuesEnd, lastPhysicalEnd(queue));
  }
  const checkpoint = readCheckpoint(fileSystem, `${directory}/checkpoint`);
  index?.load((header) => !aborted || header.endTimestamp <= checkpoint.indexMsgTimestamp);
  const started = startFile(input, aborted ? checkpointTime(checkpoint) : -1, queuesEnd);
  // Apache would leave keys out that only a dropped index file had.
  const indexed = index === null ? Number.POSITIVE_INFINITY : index.knownOffset;
  const indexFile = log.segments.find(Math.max(indexed, log.minOffset));
  const scanFrom = Math.min(started, indexFile?.start ?? started);
  return {
    own: false,
    clean: !aborted,
    scanFrom,
    knownEnd: Number.POSITIVE_INFINITY,
    durableOffset: 0,
    writeLimit: Number.POSITIVE_INFINITY,
    queuesFrom: scanFrom,
    start: { end: log.minOffset, lastRecordOffset: -1, lastRecordBytes: 0, lastStoreTimestamp: 0 },
    extensions: createExtensionReader(options, settings),
  };
}

/**
 * Whether a broker that knows nothing of the side file had the store since. Skylark removes `abort`
 * only after it noted a clean stop, and then knows how it left the checkpoint.
 */
function othersWrote(input: RecoveryInput, abort: AbortFile): boolean {
  const { state, options } = input;
  if (abort === 'foreign' || state === null) return true;
  if (!state.clean) return abort === 'none';
  if (abort === 'own') return false;
  const path = `${options.directory}/checkpoint`;
  return checkpointCrc(options.fileSystem, path) !== state.checkpointCrc;
}

/** Where the index has to be continued from. */
function loadOwnIndex(input: RecoveryInput, clean: boolean): number {
  const { index, state, log } = input;
  if (index === null || state === null) return Number.POSITIVE_INFINITY;
  const { indexName: name, indexHeader: header, indexFiles: files } = state;
  const mark = header === null ? null : { name, header, files };
  if (clean) index.load(() => true);
  else index.loadMarked(mark);
  if (isComplete(index.mark(), mark, log.minOffset > state.minOffset)) {
    return Math.max(state.dispatchedOffset, log.minOffset);
  }
  index.dropAll();
  return log.minOffset;
}

/** Whether the index has the files that it had; the oldest may have gone with the log. */
function isComplete(found: IndexMark | null, mark: IndexMark | null, trimmed: boolean): boolean {
  if (found === null || mark === null) return found === mark;
  return (
    found.name === mark.name &&
    found.header.indexCount === mark.header.indexCount &&
    found.header.endPhysicalOffset === mark.header.endPhysicalOffset &&
    (found.files === mark.files || (trimmed && found.files < mark.files))
  );
}

/** The newest file whose first record is known to be dispatched. */
function startFile(input: RecoveryInput, timeLimit: number, queuesEnd: number): number {
  const { log, verifier } = input;
  const { segments } = log.segments;
  for (let i = segments.length - 1; i > 0; i -= 1) {
    const segment = segments[i];
    if (segment === undefined || !readFirst(log, verifier, segment.start)) continue;
    const { storeTimestamp } = verifier.view;
    if (storeTimestamp === 0) continue;
    if (timeLimit >= 0 ? storeTimestamp <= timeLimit : segment.start < queuesEnd) {
      return segment.start;
    }
  }
  return log.minOffset;
}

function readFirst(log: CommitLog, verifier: RecordVerifier, offset: number): boolean {
  const head = Buffer.alloc(8);
  if (log.readSync(offset, 8, head) !== 8) return false;
  if (verifier.classify(head, log.segments.fileBytes) !== 'record') return false;
  const size = verifier.claimedBytes;
  const bytes = Buffer.alloc(size);
  return (
    log.readSync(offset, size, bytes) === size && verifier.check(bytes, 0, size, offset) === ''
  );
}

/** Whether a record or a blank stands where the log should have ended. */
function hasMagicAt(log: CommitLog, offset: number): boolean {
  const head = Buffer.alloc(8);
  return log.readSync(offset, 8, head) === 8 && head.readInt32BE(4) !== 0;
}

/** The last record is damaged: is it still the log that the side file speaks of? */
function looksOwn(log: CommitLog, verifier: RecordVerifier, durableOffset: number): boolean {
  // Apache would have cut the log there, and continued with other records.
  return !readFirst(log, verifier, durableOffset);
}
