/** Decides who wrote last, and from where the log has to be read again. */
import { checkpointTime, readCheckpoint } from '../checkpoint.ts';
import type { CommitLog } from '../commit-log/commit-log.ts';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import { createExtReader } from '../consume-queue/ext-reader.ts';
import { lastPhysicalEnd, loadRange } from '../consume-queue/queue-loading.ts';
import { applyRange, loadSnapshot } from '../consume-queue/queue-snapshot.ts';
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
  readonly extTagsCode: (queue: ConsumeQueue, address: number) => number;
}

/** The plan when Skylark wrote last; null when it did not. */
export function planOwn(input: RecoveryInput, aborted: boolean): RecoveryPlan | null {
  const { log, queues, index, options, state, verifier } = input;
  if (state === null) return null;
  const { durableOffset, lastRecordOffset, lastRecordBytes, dispatchedOffset } = state;
  const end = { offset: durableOffset, lastRecordOffset, lastRecordBytes };
  const gone = lastRecordOffset < log.minOffset && log.segments.first !== undefined;
  if (lastRecordOffset >= 0 && !gone && recordCrc(log, end) !== state.lastRecordCrc) {
    // One rotten record must not make the whole side file worthless.
    if (!looksOwn(log, verifier, durableOffset)) return null;
  }
  const clean = state.clean && !aborted;
  if (clean && hasMagicAt(log, durableOffset)) return null;
  if (log.segments.last !== undefined && durableOffset < log.minOffset) return null;
  queues.load();
  const ranges = loadSnapshot(options.fileSystem, options.directory, dispatchedOffset);
  let queuesFrom = Math.max(dispatchedOffset, log.minOffset);
  const whole = (ranges ?? []).every((range) =>
    applyRange(queues.get(range.topic, range.queueId), range, dispatchedOffset),
  );
  if (ranges === null || !whole) {
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
    extTagsCode: createExtReader(options, input.settings),
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
  const lost = !aborted && index !== null && index.knownOffset < 0;
  const scanFrom = lost
    ? log.minOffset
    : startFile(input, aborted ? checkpointTime(checkpoint) : -1, queuesEnd);
  return {
    own: false,
    clean: !aborted,
    scanFrom,
    knownEnd: Number.POSITIVE_INFINITY,
    durableOffset: 0,
    writeLimit: Number.POSITIVE_INFINITY,
    queuesFrom: scanFrom,
    start: { end: log.minOffset, lastRecordOffset: -1, lastRecordBytes: 0, lastStoreTimestamp: 0 },
    extTagsCode: createExtReader(options, settings),
  };
}

/** Where the index has to be continued from. */
function loadOwnIndex(input: RecoveryInput, clean: boolean): number {
  const { index, state, log } = input;
  if (index === null || state === null) return Number.POSITIVE_INFINITY;
  const { indexName, indexHeader, dispatchedOffset } = state;
  const mark = indexHeader === null ? null : { name: indexName, header: indexHeader };
  if (clean) {
    index.load(() => true);
    const last = index.mark();
    const same =
      (last === null && mark === null) ||
      (last !== null &&
        mark !== null &&
        last.name === mark.name &&
        last.header.indexCount === mark.header.indexCount &&
        last.header.endPhysicalOffset === mark.header.endPhysicalOffset);
    if (same) return dispatchedOffset;
    index.dropAll();
    return log.minOffset;
  }
  index.loadMarked(mark);
  if (mark !== null && index.knownOffset < 0) return log.minOffset;
  return Math.max(dispatchedOffset, log.minOffset);
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
