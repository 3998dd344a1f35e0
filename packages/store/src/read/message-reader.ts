/**
 * Serves consumers: from the tail without a copy and without waiting, from the files otherwise.
 * What comes from a file is checked before it is handed out: a damaged record is skipped and
 * reported, never served.
 */
import type { Logger } from '@skylarkmq/base';
import type { CommitLog } from '../commit-log/commit-log.ts';
import type { TailChunk } from '../commit-log/tail-cache.ts';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import {
  FILLER_SIZE,
  int32,
  int64,
  UNIT_BYTES,
  unitExtAddress,
  unitPhysicalOffset,
  unitSize,
  unitTagsCode,
} from '../consume-queue/unit.ts';
import type { ExtensionReader } from '../consume-queue-ext/extension-reader.ts';
import {
  type GetResult,
  GetStatus,
  type RecordFilter,
  type TagsCodeFilter,
} from '../get-result.ts';
import type { RecordVerifier } from '../recovery/record-verifier.ts';
import { EmptyResult, FoundResult, outOfRange } from './get-results.ts';
import type { RepairOutcome } from './unit-repair.ts';

/** Units that one call looks at, at least. RocketMQ: maxFilterMessageSize 16000 bytes. */
const UNITS_SCANNED_MIN = 800;
/** Wanted records of a disk read may be this many times fewer bytes than what lies between. */
const GAP_FACTOR = 4;
/** Where a record says at which position of the log it lies. */
const PHYSICAL_OFFSET_AT = 28;
/** How often a read is done again because units were repaired. */
const ATTEMPTS_MAX = 4;
/** Bytes of one disk read. */
const READ_BYTES_MAX = 1024 * 1024;
/** Bytes of records that one call looks at on the disk to find those that match. */
const SEARCHED_BYTES_MAX = 16 * 1024 * 1024;

export interface MessageReaderDeps {
  readonly log: CommitLog;
  readonly verifier: RecordVerifier;
  readonly logger: Logger;
  /** Told when a queue holds a unit that is none, and it could not be repaired. */
  readonly onDamagedQueue: (queue: ConsumeQueue) => void;
  /** Tries to find the record that a unit should point to, and to write the unit again. */
  readonly repairUnit: (queue: ConsumeQueue, offset: number) => RepairOutcome;
  /** What stands behind an address of the extension files. */
  readonly extensions: ExtensionReader;
}

/** What is wanted of a queue. */
export interface Wanted {
  readonly maxCount: number;
  readonly maxBytes: number;
  readonly filter: TagsCodeFilter | null;
  /** Asked about the records that `filter` lets through. */
  readonly records: RecordFilter | null;
}

/** Units of a queue in memory: `bytes` begins with that of offset `base`; good up to `end`. */
interface Units {
  readonly bytes: Buffer;
  readonly base: number;
  readonly end: number;
}

export class MessageReader {
  readonly #deps: MessageReaderDeps;
  readonly #log: CommitLog;

  constructor(deps: MessageReaderDeps) {
    this.#deps = deps;
    this.#log = deps.log;
  }

  get(queue: ConsumeQueue, offset: number, want: Wanted): GetResult | Promise<GetResult> {
    const outside = outOfRange(queue, offset);
    if (outside !== null) return outside;
    const { tail } = queue;
    const { start } = this.#log.tail;
    const wanted = Math.max(UNITS_SCANNED_MIN, want.maxCount);
    if (tail !== null && offset >= queue.tailBase) {
      const end = Math.min(queue.maxOffset, offset + wanted);
      const first = (offset - queue.tailBase) * UNIT_BYTES;
      if (unitPhysicalOffset(tail, first) >= start) {
        const units = { bytes: tail, base: queue.tailBase, end };
        const result = this.#fromMemory(queue, units, offset, want);
        if (result !== null) return result;
      }
    } else if (queue.newestPhysicalOffset >= Math.min(start, this.#log.recentStart)) {
      // The units were written and given back, the records may still be in memory. What was written
      // lately is in the page cache: waiting for a thread would cost more than the read.
      const isPlain = want.filter === null && want.records === null;
      const bytes = Buffer.allocUnsafe((isPlain ? want.maxCount : wanted) * UNIT_BYTES);
      const found = queue.readSync(offset, bytes.length / UNIT_BYTES, bytes);
      if (found > 0 && unitPhysicalOffset(bytes, 0) >= start) {
        const units = { bytes, base: offset, end: offset + found };
        const result = this.#fromMemory(queue, units, offset, want);
        if (result !== null) return result;
      }
      return this.#fromDisk(queue, offset, want, { bytes, found });
    }
    return this.#fromDisk(queue, offset, want);
  }

  /** Null when a unit does not fit: files rot, and the units may have been read from one. */
  #fromMemory(queue: ConsumeQueue, units: Units, offset: number, want: Wanted): GetResult | null {
    const result = new FoundResult(queue, true);
    const { tail } = this.#log;
    const { bytes, base, end } = units;
    const { maxCount, maxBytes, filter, records } = want;
    let chunk: TailChunk | null = null;
    let sliceStart = 0;
    let sliceEnd = -1;
    let next = offset;
    for (; next < end && result.count < maxCount; next += 1) {
      const at = (next - base) * UNIT_BYTES;
      const size = unitSize(bytes, at);
      if (size === FILLER_SIZE) continue;
      if (filter !== null && !this.#passes(queue, bytes, at, filter)) continue;
      if (result.count > 0 && result.bytes + size > maxBytes) break;
      const physical = unitPhysicalOffset(bytes, at);
      const isHere: boolean = chunk !== null && physical >= chunk.base && physical < chunk.end;
      const there: TailChunk | null = isHere ? chunk : tail.find(physical);
      if (there === null && physical < tail.start && next > offset) break;
      if (there === null || !isRecordAt(there, physical, size)) {
        result.release();
        return null;
      }
      if (records !== null) {
        const start = physical - there.base;
        if (!records(there.buffer, start, start + size)) continue;
      }
      if (there !== chunk) {
        if (chunk !== null) result.slices.push(slice(chunk, sliceStart, sliceEnd));
        chunk = there;
        result.hold(chunk);
        sliceStart = physical;
      } else if (physical !== sliceEnd) {
        result.slices.push(slice(chunk, sliceStart, sliceEnd));
        sliceStart = physical;
      }
      sliceEnd = physical + size;
      result.count += 1;
      result.bytes += size;
    }
    if (chunk !== null) result.slices.push(slice(chunk, sliceStart, sliceEnd));
    return concluded(result, next, queue);
  }

  /** `known` are units that were read already; after a repair they are read again. */
  async #fromDisk(
    queue: ConsumeQueue,
    offset: number,
    want: Wanted,
    known?: { readonly bytes: Buffer; readonly found: number },
  ): Promise<GetResult> {
    const wanted = Math.max(UNITS_SCANNED_MIN, want.maxCount);
    for (let attempt = 1; ; attempt += 1) {
      const count = Math.min(wanted, queue.maxOffset - offset);
      const isKnown = attempt === 1 && known !== undefined && known.found > 0;
      const units = isKnown ? known.bytes : Buffer.allocUnsafe(count * UNIT_BYTES);
      const found = isKnown ? known.found : await this.#readUnits(queue, offset, count, units);
      if (found === 0) return this.#noUnits(queue, offset);
      const result = new FoundResult(queue, false);
      const read: DiskRead = { queue, offset, units, found, result, damaged: [], ...want };
      const next = await this.#readRuns(read);
      const again = attempt < ATTEMPTS_MAX && this.#repaired(read);
      if (!again) return concluded(result, offset + next, queue);
    }
  }

  /** Whether something that could not be read has its unit back, and is worth another look. */
  #repaired({ queue, damaged }: DiskRead): boolean {
    let repaired = false;
    for (const offset of damaged) {
      const outcome = this.#deps.repairUnit(queue, offset);
      if (outcome === 'repaired') repaired = true;
      else if (outcome === 'unknown') this.#deps.onDamagedQueue(queue);
    }
    return repaired;
  }

  #noUnits(queue: ConsumeQueue, offset: number): GetResult {
    const { minOffset, maxOffset } = queue;
    // RocketMQ: ConsumeQueue#rollNextFile
    const next = Math.min(maxOffset, this.#nextFile(queue, offset));
    return new EmptyResult(GetStatus.OffsetFoundNull, next, minOffset, maxOffset);
  }

  /** Reads until a limit or the last unit; returns how many units are done. */
  async #readRuns(read: DiskRead): Promise<number> {
    const { found, result, maxCount, maxBytes, records } = read;
    let next = 0;
    let searched = 0;
    while (next < found && result.count < maxCount && result.bytes < maxBytes) {
      const run = this.#nextRun(read, next);
      next = run.next;
      if (run.positions.length > 0) await this.#readRun(read, run);
      searched += run.end - run.start;
      // What a limit counted may not have matched.
      const mayGoOn = records !== null && run.positions.length > 0 && searched < SEARCHED_BYTES_MAX;
      if (run.full ? !mayGoOn : records !== null && searched >= SEARCHED_BYTES_MAX) break;
    }
    return next;
  }

  async #readUnits(
    queue: ConsumeQueue,
    offset: number,
    count: number,
    units: Buffer,
  ): Promise<number> {
    // What is still in memory only follows what is in the file.
    if (queue.tail !== null && offset >= queue.tailBase) {
      const from = (offset - queue.tailBase) * UNIT_BYTES;
      return queue.tail.copy(units, 0, from, from + count * UNIT_BYTES) / UNIT_BYTES;
    }
    return queue.read(offset, count, units);
  }

  #nextFile(queue: ConsumeQueue, offset: number): number {
    const perFile = queue.segments.fileBytes / UNIT_BYTES;
    return offset + perFile - (offset % perFile);
  }

  /** The next wanted records that lie near enough to each other for one read. */
  #nextRun(read: DiskRead, from: number): Run {
    const { queue, units, result, maxCount, maxBytes, filter } = read;
    const run: Run = { positions: [], start: 0, end: 0, next: from, full: false };
    let bytes = 0;
    for (; run.next < read.found; run.next += 1) {
      const count = result.count + run.positions.length;
      if (count >= maxCount) {
        run.full = true;
        return run;
      }
      const at = run.next * UNIT_BYTES;
      const size = unitSize(units, at);
      if (size <= 0) read.damaged.push(read.offset + run.next);
      if (size <= 0 || size === FILLER_SIZE) continue;
      if (filter !== null && !this.#passes(queue, units, at, filter)) continue;
      if (count > 0 && result.bytes + bytes + size > maxBytes) {
        run.full = true;
        return run;
      }
      const physical = unitPhysicalOffset(units, at);
      if (run.positions.length === 0) run.start = physical;
      else if (!isNear(run, physical, size, bytes, this.#log.segments.fileBytes)) return run;
      run.positions.push(at);
      run.end = physical + size;
      bytes += size;
    }
    return run;
  }

  /** Reads and checks a run. */
  async #readRun(read: DiskRead, run: Run): Promise<void> {
    const { units, result, records } = read;
    const length = run.end - run.start;
    const limit = Math.max(READ_BYTES_MAX, this.#deps.verifier.recordBytesMax);
    // Removed by retention in the meantime.
    if (run.start < this.#log.minOffset && run.start >= 0) return;
    const canBe = length > 0 && length <= limit && run.start >= 0;
    if (!canBe || run.end > this.#log.writtenOffset) {
      for (const at of run.positions) read.damaged.push(read.offset + at / UNIT_BYTES);
      return;
    }
    const buffer = Buffer.allocUnsafe(length);
    const there = await this.#log.read(run.start, length, buffer);
    let sliceStart = -1;
    let sliceEnd = -1;
    for (const at of run.positions) {
      const start = unitPhysicalOffset(units, at) - run.start;
      const size = unitSize(units, at);
      const reason =
        start + size > there
          ? 'the file ends before it'
          : this.#deps.verifier.check(buffer, start, size, start + run.start);
      if (reason !== '') {
        const physicalOffset = start + run.start;
        this.#deps.logger.error({ physicalOffset, size, reason }, 'A damaged record is skipped');
        read.damaged.push(read.offset + at / UNIT_BYTES);
        continue;
      }
      if (records !== null && !records(buffer, start, start + size)) continue;
      if (start !== sliceEnd) {
        if (sliceEnd > sliceStart) result.slices.push(buffer.subarray(sliceStart, sliceEnd));
        sliceStart = start;
      }
      sliceEnd = start + size;
      result.count += 1;
      result.bytes += size;
    }
    if (sliceEnd > sliceStart) result.slices.push(buffer.subarray(sliceStart, sliceEnd));
  }

  #passes(queue: ConsumeQueue, units: Buffer, at: number, filter: TagsCodeFilter): boolean {
    const address = unitExtAddress(units, at);
    if (address < 0) return filter(unitTagsCode(units, at));
    const extension = this.#deps.extensions(queue, address);
    // Nothing is known of it then: the record and the consumer decide.
    // RocketMQ: ExpressionMessageFilter#isMatchedByConsumeQueue
    return extension === undefined || filter(extension.tagsCode, extension);
  }
}

/** One read of a queue from its files. */
interface DiskRead extends Wanted {
  readonly queue: ConsumeQueue;
  /** Of the first unit in `units`. */
  readonly offset: number;
  readonly units: Buffer;
  /** Units that were read. */
  readonly found: number;
  readonly result: FoundResult;
  /** Offsets whose unit or record is not what it should be. */
  readonly damaged: number[];
}

interface Run {
  /** Positions of the units in their buffer. */
  readonly positions: number[];
  /** The stretch of the log that holds the records. */
  start: number;
  end: number;
  /** The unit to go on with. */
  next: number;
  /** Whether a limit was reached. */
  full: boolean;
}

function isNear(
  run: Run,
  physical: number,
  size: number,
  bytes: number,
  fileBytes: number,
): boolean {
  const span = physical + size - run.start;
  const sameFile = Math.floor(physical / fileBytes) === Math.floor(run.start / fileBytes);
  return (
    sameFile &&
    physical >= run.end &&
    span <= READ_BYTES_MAX &&
    span <= (bytes + size) * GAP_FACTOR + 4096
  );
}

/** Whether a unit fits the record that it points to. */
function isRecordAt(chunk: TailChunk, physical: number, size: number): boolean {
  const at = physical - chunk.base;
  const fits = size > 0 && physical + size <= chunk.end && int32(chunk.buffer, at) === size;
  return fits && int64(chunk.buffer, at + PHYSICAL_OFFSET_AT) === physical;
}

function slice(chunk: TailChunk, start: number, end: number): Buffer {
  return chunk.buffer.subarray(start - chunk.base, end - chunk.base);
}

function concluded(result: FoundResult, next: number, queue: ConsumeQueue): GetResult {
  if (result.count > 0) {
    result.nextBeginOffset = next;
    return result;
  }
  const status = GetStatus.NoMatchedMessage;
  return new EmptyResult(status, next, queue.minOffset, queue.maxOffset);
}
