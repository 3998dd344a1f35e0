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
  UNIT_BYTES,
  unitExtAddress,
  unitPhysicalOffset,
  unitSize,
  unitTagsCode,
} from '../consume-queue/unit.ts';
import { type GetResult, GetStatus, type TagsCodeFilter } from '../get-result.ts';
import type { RecordVerifier } from '../recovery/record-verifier.ts';
import { EmptyResult, FoundResult, outOfRange } from './get-results.ts';

/** Units that one call looks at, at least. RocketMQ: maxFilterMessageSize 16000 bytes. */
const UNITS_SCANNED_MIN = 800;
/** Wanted records of a disk read may be this many times fewer bytes than what lies between. */
const GAP_FACTOR = 4;
/** Bytes of one disk read. */
const READ_BYTES_MAX = 1024 * 1024;

export interface MessageReaderDeps {
  readonly log: CommitLog;
  readonly verifier: RecordVerifier;
  readonly logger: Logger;
  /** The tags code behind an address of the extension files. */
  readonly extTagsCode: (queue: ConsumeQueue, address: number) => number;
}

export class MessageReader {
  readonly #deps: MessageReaderDeps;
  readonly #log: CommitLog;

  constructor(deps: MessageReaderDeps) {
    this.#deps = deps;
    this.#log = deps.log;
  }

  get(
    queue: ConsumeQueue,
    offset: number,
    maxCount: number,
    maxBytes: number,
    filter: TagsCodeFilter | null,
  ): GetResult | Promise<GetResult> {
    const outside = outOfRange(queue, offset);
    if (outside !== null) return outside;
    const { tail } = queue;
    if (tail !== null && offset >= queue.tailBase) {
      const end = Math.min(queue.maxOffset, offset + Math.max(UNITS_SCANNED_MIN, maxCount));
      const first = (offset - queue.tailBase) * UNIT_BYTES;
      if (unitPhysicalOffset(tail, first) >= this.#log.tail.start) {
        return this.#fromMemory(queue, tail, offset, end, maxCount, maxBytes, filter);
      }
    }
    return this.#fromDisk(queue, offset, maxCount, maxBytes, filter);
  }

  #fromMemory(
    queue: ConsumeQueue,
    units: Buffer,
    offset: number,
    end: number,
    maxCount: number,
    maxBytes: number,
    filter: TagsCodeFilter | null,
  ): GetResult {
    const result = new FoundResult(queue, true);
    const { tail } = this.#log;
    let chunk: TailChunk | null = null;
    let sliceStart = 0;
    let sliceEnd = -1;
    let next = offset;
    for (; next < end && result.count < maxCount; next += 1) {
      const at = (next - queue.tailBase) * UNIT_BYTES;
      const size = unitSize(units, at);
      if (size <= 0 || size === FILLER_SIZE) continue;
      if (filter !== null && !filter(this.#tagsCode(queue, units, at))) continue;
      if (result.count > 0 && result.bytes + size > maxBytes) break;
      const physical = unitPhysicalOffset(units, at);
      if (chunk === null || physical < chunk.base || physical >= chunk.end) {
        if (chunk !== null) result.slices.push(slice(chunk, sliceStart, sliceEnd));
        chunk = tail.find(physical);
        if (chunk === null) break;
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

  async #fromDisk(
    queue: ConsumeQueue,
    offset: number,
    maxCount: number,
    maxBytes: number,
    filter: TagsCodeFilter | null,
  ): Promise<GetResult> {
    const wanted = Math.max(UNITS_SCANNED_MIN, maxCount);
    const count = Math.min(wanted, queue.maxOffset - offset);
    const units = Buffer.allocUnsafe(count * UNIT_BYTES);
    const found = await this.#readUnits(queue, offset, count, units);
    const { minOffset, maxOffset } = queue;
    if (found === 0) {
      // RocketMQ: ConsumeQueue#rollNextFile
      const next = Math.min(maxOffset, this.#nextFile(queue, offset));
      return new EmptyResult(GetStatus.OffsetFoundNull, next, minOffset, maxOffset);
    }
    const result = new FoundResult(queue, false);
    let next = 0;
    while (next < found && result.count < maxCount && result.bytes < maxBytes) {
      const run = this.#nextRun(queue, units, next, found, maxCount, maxBytes, result, filter);
      next = run.next;
      if (run.positions.length > 0 && !(await this.#readRun(units, run, result))) break;
      if (run.full) break;
    }
    return concluded(result, offset + next, queue);
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
  #nextRun(
    queue: ConsumeQueue,
    units: Buffer,
    from: number,
    found: number,
    maxCount: number,
    maxBytes: number,
    result: FoundResult,
    filter: TagsCodeFilter | null,
  ): Run {
    const run: Run = { positions: [], start: 0, end: 0, next: from, full: false };
    let bytes = 0;
    for (; run.next < found; run.next += 1) {
      const at = run.next * UNIT_BYTES;
      const size = unitSize(units, at);
      if (size <= 0 || size === FILLER_SIZE) continue;
      if (filter !== null && !filter(this.#tagsCode(queue, units, at))) continue;
      const count = result.count + run.positions.length;
      if (count >= maxCount || (count > 0 && result.bytes + bytes + size > maxBytes)) {
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

  /** Reads and checks a run; false when the log does not have it (any more). */
  async #readRun(units: Buffer, run: Run, result: FoundResult): Promise<boolean> {
    const length = run.end - run.start;
    const limit = this.#deps.verifier.recordBytesMax;
    if (length <= 0 || length > Math.max(READ_BYTES_MAX, limit)) return true;
    if (run.start < this.#log.minOffset || run.end > this.#log.writtenOffset) return true;
    const buffer = Buffer.allocUnsafe(length);
    const read = await this.#log.read(run.start, length, buffer);
    let sliceStart = -1;
    let sliceEnd = -1;
    for (const at of run.positions) {
      const start = unitPhysicalOffset(units, at) - run.start;
      const size = unitSize(units, at);
      const reason =
        start + size > read
          ? 'the file ends before it'
          : this.#deps.verifier.check(buffer, start, size, start + run.start);
      if (reason !== '') {
        const physicalOffset = start + run.start;
        this.#deps.logger.error({ physicalOffset, size, reason }, 'A damaged record is skipped');
        continue;
      }
      if (start !== sliceEnd) {
        if (sliceEnd > sliceStart) result.slices.push(buffer.subarray(sliceStart, sliceEnd));
        sliceStart = start;
      }
      sliceEnd = start + size;
      result.count += 1;
      result.bytes += size;
    }
    if (sliceEnd > sliceStart) result.slices.push(buffer.subarray(sliceStart, sliceEnd));
    return true;
  }

  #tagsCode(queue: ConsumeQueue, units: Buffer, at: number): number {
    const address = unitExtAddress(units, at);
    return address < 0 ? unitTagsCode(units, at) : this.#deps.extTagsCode(queue, address);
  }
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
