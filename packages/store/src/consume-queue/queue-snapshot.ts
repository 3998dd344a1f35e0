/**
 * `skylark.queues.<offset>`: where each queue begins and ends when everything before that offset of
 * the log counts as dispatched, and the units that are not durable in the queue's own files yet.
 * Saves opening every file at start, and tells a lost file from one that never was. Written whole,
 * then renamed; the side file says which one counts.
 */
import { crc32, type FileHandle, type FileSystem } from '@skylarkmq/base';
import type { ConsumeQueue } from './consume-queue.ts';
import { lastPhysicalEnd } from './queue-loading.ts';
import {
  FILLER_SIZE,
  int32,
  int64,
  UNIT_BYTES,
  unitPhysicalOffset,
  unitSize,
  writeInt32,
  writeInt64,
} from './unit.ts';

const PREFIX = 'skylark.queues.';
const HEAD_BYTES = 16;
const MAGIC = 0x534b5132;
const QUEUE_BYTES = 4 + 8 + 8 + 4;
/** What is written at a time. */
const CHUNK_BYTES = 256 * 1024;

/** A queue as it was saved: the last `units` of its range lie here, the others in its files. */
export interface SavedQueue {
  readonly topic: string;
  readonly queueId: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  /** 20 bytes each. */
  readonly units: Buffer;
}

/** Writes a snapshot queue by queue, in little memory. */
export class SnapshotWriter {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #used = 0;
  #written = HEAD_BYTES;
  #crc = 0;
  #topics = 0;

  constructor(fileSystem: FileSystem, directory: string, offset: number) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#path = snapshotPath(directory, offset);
    this.#handle = fileSystem.open(`${this.#path}.tmp`, 'create');
    this.#handle.truncate(0);
  }

  /** Begins a topic, of which exactly `queues` queues follow. */
  async beginTopic(topic: string, queues: number): Promise<void> {
    this.#topics += 1;
    const length = Buffer.byteLength(topic);
    if (this.#used + 8 + length > CHUNK_BYTES) await this.#writeChunk();
    writeInt32(this.#chunk, this.#used, length);
    this.#chunk.write(topic, this.#used + 4, 'utf8');
    writeInt32(this.#chunk, this.#used + 4 + length, queues);
    this.#used += 8 + length;
  }

  /** Adds a queue; `units` are the last ones of its range. */
  async addQueue(
    queueId: number,
    minOffset: number,
    maxOffset: number,
    units: Buffer,
  ): Promise<void> {
    // Nothing is waited for before the units are copied: they may lie in the queue's own buffer.
    const fits = this.#used + QUEUE_BYTES + units.length <= CHUNK_BYTES;
    const kept = fits ? units : Buffer.from(units);
    if (!fits) await this.#writeChunk();
    const chunk = this.#chunk;
    writeInt32(chunk, this.#used, queueId);
    writeInt64(chunk, this.#used + 4, minOffset);
    writeInt64(chunk, this.#used + 12, maxOffset);
    writeInt32(chunk, this.#used + 20, units.length / UNIT_BYTES);
    this.#used += QUEUE_BYTES;
    for (let at = 0; at < kept.length; ) {
      if (this.#used === CHUNK_BYTES) await this.#writeChunk();
      const copied = kept.copy(chunk, this.#used, at);
      this.#used += copied;
      at += copied;
    }
  }

  /** Makes the file durable under its name. */
  async finish(): Promise<void> {
    try {
      await this.#writeChunk();
      const head = Buffer.alloc(HEAD_BYTES);
      writeInt32(head, 0, MAGIC);
      writeInt32(head, 4, this.#topics);
      writeInt32(head, 8, this.#crc);
      await this.#handle.write(head, 0, HEAD_BYTES, 0);
      await this.#handle.syncData();
    } finally {
      this.#handle.close();
    }
    this.#fileSystem.rename(`${this.#path}.tmp`, this.#path);
    this.#fileSystem.syncDirectory(this.#directory);
  }

  /** Gives up. */
  discard(): void {
    this.#handle.close();
  }

  async #writeChunk(): Promise<void> {
    if (this.#used === 0) return;
    this.#crc = crc32(this.#chunk, 0, this.#used, this.#crc);
    await this.#handle.write(this.#chunk, 0, this.#used, this.#written);
    this.#written += this.#used;
    this.#used = 0;
  }
}

/** What was saved for `offset`; null when there is nothing, or it is damaged. */
export function loadSnapshot(
  fileSystem: FileSystem,
  directory: string,
  offset: number,
): SavedQueue[] | null {
  const path = snapshotPath(directory, offset);
  if (!fileSystem.exists(path)) return null;
  const handle = fileSystem.open(path, 'r');
  try {
    const bytes = Buffer.alloc(handle.size());
    handle.readSync(bytes, 0, bytes.length, 0);
    return decode(bytes);
  } finally {
    handle.close();
  }
}

/** Removes all snapshots but those for `offsets`. */
export function removeOtherSnapshots(
  fileSystem: FileSystem,
  directory: string,
  ...offsets: number[]
): void {
  const kept = offsets.map((offset) => `${PREFIX}${offset}`);
  for (const name of fileSystem.list(directory)) {
    const isKept = kept.includes(name) || kept.some((one) => name === `${one}.tmp`);
    if (name.startsWith(PREFIX) && !isKept) fileSystem.remove(`${directory}/${name}`);
  }
}

/** Brings the queue to where it was; says whether its files really hold their part of it. */
export function applySaved(queue: ConsumeQueue, saved: SavedQueue, limit: number): boolean {
  const { minOffset, maxOffset, units } = saved;
  const inFiles = maxOffset - units.length / UNIT_BYTES;
  queue.setRange(minOffset, inFiles);
  if (minOffset < inFiles && !filesHold(queue, limit)) return false;
  if (units.length === 0) return true;
  queue.appendUnits(units);
  const last = units.length - UNIT_BYTES;
  const size = unitSize(units, last);
  return size === FILLER_SIZE || (size > 0 && unitPhysicalOffset(units, last) + size <= limit);
}

function filesHold(queue: ConsumeQueue, limit: number): boolean {
  const { segments } = queue;
  const last = (queue.maxOffset - 1) * UNIT_BYTES;
  if (segments.repairedFrom <= last) return false;
  for (let at = queue.minOffset * UNIT_BYTES; at <= last; ) {
    const segment = segments.find(at);
    if (segment === undefined) return false;
    at = segment.start + segments.fileBytes;
  }
  const end = lastPhysicalEnd(queue);
  return end >= 0 && end <= limit;
}

function snapshotPath(directory: string, offset: number): string {
  return `${directory}/${PREFIX}${offset}`;
}

function decode(bytes: Buffer): SavedQueue[] | null {
  if (bytes.length < HEAD_BYTES || int32(bytes, 0) !== MAGIC) return null;
  if (int32(bytes, 8) !== (crc32(bytes, HEAD_BYTES, bytes.length) | 0)) return null;
  const saved: SavedQueue[] = [];
  let at = HEAD_BYTES;
  for (let topics = int32(bytes, 4); topics > 0; topics -= 1) {
    const length = int32(bytes, at);
    const topic = bytes.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
    const count = int32(bytes, at);
    at += 4;
    for (let i = 0; i < count; i += 1) {
      const queueId = int32(bytes, at);
      const minOffset = int64(bytes, at + 4);
      const maxOffset = int64(bytes, at + 12);
      const end = at + QUEUE_BYTES + int32(bytes, at + 20) * UNIT_BYTES;
      const units = bytes.subarray(at + QUEUE_BYTES, end);
      saved.push({ topic, queueId, minOffset, maxOffset, units });
      at = end;
    }
  }
  return saved;
}
