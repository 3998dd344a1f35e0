/**
 * Writes `consumequeue_ext`: what a queue keeps of a message besides its place. Written at once, so
 * that no unit of a queue ever points to what is not there; made durable before the queues are.
 * Layout in docs/formats/consume-queue-ext.md. It must not know what a bit map means.
 */
import { type FileSystem, type Logger, MqError } from '@skylarkmq/base';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import { UNIT_BYTES, unitExtAddress } from '../consume-queue/unit.ts';
import type { HandlePool } from '../file/handle-pool.ts';
import { type Segment, SegmentList } from '../file/segment-list.ts';
import {
  decodeExtension,
  EXTENSION_BYTES_MAX,
  encodeExtension,
  extensionBytes,
  type QueueExtension,
} from './queue-extension.ts';

/** Stays free at a file's end. RocketMQ: ConsumeQueueExt#END_BLANK_DATA_LENGTH */
const END_BYTES = 4;
/** In place of a size: nothing more in this file. */
const END_MARK = -1;
const BLOCK_BYTES = 1024 * 1024;

export interface ExtensionWriterDeps {
  readonly fileSystem: FileSystem;
  readonly handles: HandlePool;
  readonly logger: Logger;
  /** The store's root. */
  readonly directory: string;
  readonly fileBytes: number;
}

interface QueueFiles {
  readonly segments: SegmentList;
  /** Where the next unit goes. */
  end: number;
}

export class ExtensionWriter {
  readonly #deps: ExtensionWriterDeps;
  readonly #files = new Map<ConsumeQueue, QueueFiles>();
  readonly #unsynced = new Set<string>();
  readonly #buffer: Buffer = Buffer.alloc(EXTENSION_BYTES_MAX);
  #hasFailed = false;

  constructor(deps: ExtensionWriterDeps) {
    this.#deps = deps;
  }

  /** Adds a unit and returns its address; -1 when that is not possible. */
  // RocketMQ: ConsumeQueueExt#put
  put(queue: ConsumeQueue, extension: QueueExtension): number {
    const bytes = extensionBytes(extension);
    if (bytes > EXTENSION_BYTES_MAX) return -1;
    try {
      const files = this.#filesOf(queue);
      const segment = this.#segmentFor(files, bytes);
      encodeExtension(this.#buffer, 0, extension);
      this.#write(segment, this.#buffer, bytes, files.end);
      const address = files.end;
      files.end += bytes;
      this.#hasFailed = false;
      return address;
    } catch (error) {
      const { topic, queueId } = queue;
      const fields = { topic, queueId, reason: MqError.from(error).message };
      if (!this.#hasFailed) this.#deps.logger.error(fields, 'The queue keeps only tags codes');
      this.#hasFailed = true;
      return -1;
    }
  }

  /** Makes durable what is written. */
  async sync(): Promise<void> {
    const paths = [...this.#unsynced];
    this.#unsynced.clear();
    for (const path of paths) {
      if (!this.#deps.fileSystem.exists(path)) continue;
      const pinned = this.#deps.handles.pin(path);
      try {
        await pinned.handle.syncData();
      } finally {
        pinned.unpin();
      }
    }
  }

  /** Removes files that no unit of the queue points to any more. */
  // RocketMQ: ConsumeQueueExt#truncateByMinAddress
  trim(queue: ConsumeQueue): void {
    const address = addressAt(queue, queue.minOffset);
    if (address < 0) return;
    const { segments } = this.#filesOf(queue);
    while (segments.segments.length > 1) {
      const { first } = segments;
      if (first === undefined || first.start + segments.fileBytes > address) return;
      this.#unsynced.delete(first.path);
      segments.remove(first);
    }
  }

  /** Forgets a topic and removes its files. */
  remove(topic: string): void {
    for (const [queue, { segments }] of [...this.#files]) {
      if (queue.topic !== topic) continue;
      for (const { path } of segments.segments) this.#unsynced.delete(path);
      for (const segment of [...segments.segments]) segments.remove(segment);
      this.#files.delete(queue);
    }
    this.#deps.fileSystem.remove(`${this.#deps.directory}/consumequeue_ext/${topic}`);
  }

  #filesOf(queue: ConsumeQueue): QueueFiles {
    const known = this.#files.get(queue);
    if (known !== undefined) return known;
    const { fileSystem, handles, directory, fileBytes } = this.#deps;
    const folder = `${directory}/consumequeue_ext/${queue.topic}/${queue.queueId}`;
    const options = { fileSystem, handles, directories: [folder], fileBytes, syncNames: true };
    const segments = new SegmentList(options);
    segments.load(true);
    const files = { segments, end: this.#endOf(segments, queue) };
    this.#files.set(queue, files);
    return files;
  }

  /** Where the units end: behind the last that is whole, in the last file. */
  #endOf(segments: SegmentList, queue: ConsumeQueue): number {
    const { last } = segments;
    if (last === undefined) return 0;
    const { fileBytes } = segments;
    const pointed = addressAt(queue, queue.maxOffset - 1);
    let at = pointed >= last.start ? pointed - last.start : 0;
    let block = this.#read(last, at, fileBytes);
    let from = at;
    for (;;) {
      const unit = decodeExtension(block, at - from, block.length);
      if (unit !== undefined) {
        at += extensionBytes(unit);
        continue;
      }
      const isMark = at - from + 2 <= block.length && block.readInt16BE(at - from) === END_MARK;
      if (isMark) return last.start + fileBytes;
      if (at === from || from + block.length >= fileBytes) return last.start + at;
      from = at;
      block = this.#read(last, at, fileBytes);
    }
  }

  #read(segment: Segment, at: number, fileBytes: number): Buffer {
    const block = Buffer.alloc(Math.min(BLOCK_BYTES, fileBytes - at));
    const bytes = this.#deps.handles.use(segment.path).readSync(block, 0, block.length, at);
    return block.subarray(0, bytes);
  }

  #segmentFor(files: QueueFiles, bytes: number): Segment {
    const { segments } = files;
    const { fileBytes } = segments;
    const within = files.end % fileBytes;
    const open = segments.find(files.end);
    if (open !== undefined && bytes <= fileBytes - within - END_BYTES) return open;
    if (open !== undefined) {
      // RocketMQ: ConsumeQueueExt#fullFillToEnd
      const mark = Buffer.alloc(2);
      mark.writeInt16BE(END_MARK);
      this.#write(open, mark, mark.length, files.end);
      files.end = open.start + fileBytes;
    }
    return segments.create(files.end);
  }

  #write(segment: Segment, source: Buffer, bytes: number, address: number): void {
    this.#deps.handles.use(segment.path).writeSync(source, 0, bytes, address - segment.start);
    this.#unsynced.add(segment.path);
  }
}

function addressAt(queue: ConsumeQueue, offset: number): number {
  const unit = Buffer.allocUnsafe(UNIT_BYTES);
  return queue.unitAt(offset, unit) ? unitExtAddress(unit, 0) : -1;
}
