/** All consume queues of a store: finding them, writing them out, making them durable. */
import { type FileSystem, MqError, MqErrorCode } from '@skylarkmq/base';
import { isLmq } from '@skylarkmq/message';
import type { HandlePool } from '../file/handle-pool.ts';
import { ConsumeQueue, type ConsumeQueueContext } from './consume-queue.ts';
import { Topic } from './topic.ts';
import { UnitBuffers } from './unit-buffers.ts';

/** A queue with more units than this in memory is written at the next tick of the flusher. */
const EAGER_UNITS = 256;
/** Queue ids above are refused: a directory each, and Apache's limit is far below. */
const QUEUE_ID_MAX = 65535;
const TOPIC_BYTES_MAX = 255;

export class QueueTable {
  readonly #context: ConsumeQueueContext;
  readonly #directory: string;
  readonly #topics = new Map<string, { topic: Topic; queues: Map<number, ConsumeQueue> }>();
  readonly #fileSystem: FileSystem;
  /** Whether files that are too short get their length back. */
  repair = false;
  /** A unit was found that is none: all queues are to be built again when the store opens. */
  damaged = false;
  /** The last error of a write outside of `flush`, for whoever flushes next. */
  writeError: unknown = null;
  #lightCount = 0;
  #dirty: ConsumeQueue[] = [];
  #warm: ConsumeQueue[] = [];
  #flushing = false;

  constructor(fileSystem: FileSystem, handles: HandlePool, directory: string, fileBytes: number) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#context = {
      fileSystem,
      handles,
      fileBytes,
      buffers: new UnitBuffers(),
      repair: () => this.repair,
      onWriteError: (error) => {
        this.writeError = error;
      },
      onDirty: (queue) => this.#dirty.push(queue),
    };
  }

  /** Finds the queues on disk; their files are not looked at yet. */
  load(): void {
    for (const topic of this.#fileSystem.list(this.#directory)) {
      if (!isSafeTopic(topic)) continue;
      for (const name of this.#fileSystem.list(`${this.#directory}/${topic}`)) {
        const queueId = Number(name);
        if (Number.isInteger(queueId) && queueId >= 0 && String(queueId) === name) {
          this.get(topic, queueId);
        }
      }
    }
  }

  /** The queue, made when missing (in memory only). */
  get(topic: string, queueId: number): ConsumeQueue {
    const entry = this.#entry(topic);
    const known = entry.queues.get(queueId);
    if (known !== undefined) return known;
    if (!Number.isInteger(queueId) || queueId < 0 || queueId > QUEUE_ID_MAX) {
      throw new MqError(MqErrorCode.InvalidArgument, `Queue id ${queueId} is out of range`);
    }
    const directory = `${this.#directory}/${topic}/${queueId}`;
    const queue = new ConsumeQueue(this.#context, entry.topic, queueId, directory);
    entry.queues.set(queueId, queue);
    return queue;
  }

  /** Whether it can be the name of a topic here. */
  isSafe(name: string): boolean {
    return isSafeTopic(name);
  }

  /** Light queues (LMQ) that there are. */
  get lightCount(): number {
    return this.#lightCount;
  }

  find(topic: string, queueId: number): ConsumeQueue | undefined {
    return this.#topics.get(topic)?.queues.get(queueId);
  }

  *all(): IterableIterator<ConsumeQueue> {
    for (const { queues } of this.#topics.values()) yield* queues.values();
  }

  topicNames(): string[] {
    return [...this.#topics.keys()];
  }

  /** Queues that may have units that are in no file yet. */
  get dirtyCount(): number {
    return this.#dirty.length;
  }

  /** Whether something is not on disk yet. */
  get hasDirty(): boolean {
    return this.#flushing || this.#dirty.length > 0 || this.#warm.length > 0;
  }

  /**
   * Writes the busy queues, or all. A queue that was quiet for a whole round gives its buffer back.
   */
  flush(all: boolean): void {
    for (const _ of this.flushSteps(all));
  }

  /** The same step by step, a queue each. One at a time; breaking off leaves the rest for later. */
  *flushSteps(all: boolean): Generator<void> {
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#flushing = true;
    let done = 0;
    try {
      for (const queue of dirty) {
        const units = queue.maxOffset - queue.flushedOffset;
        if (all || units === 0 || units >= EAGER_UNITS) this.#flushOne(queue);
        else this.#dirty.push(queue);
        done += 1;
        yield;
      }
    } finally {
      this.#flushing = false;
      // After an error, too: what was not written stays to be written.
      for (let i = done; i < dirty.length; i += 1) {
        const queue = dirty[i];
        if (queue !== undefined) this.#dirty.push(queue);
      }
    }
    if (all) this.#cool();
  }

  /** Forgets a topic and removes its files. */
  remove(name: string): void {
    const entry = this.#topics.get(name);
    if (entry === undefined) return;
    this.#topics.delete(name);
    if (isLmq(name)) this.#lightCount -= 1;
    for (const queue of entry.queues.values()) {
      this.#dirty = this.#dirty.filter((other) => other !== queue);
      this.#warm = this.#warm.filter((other) => other !== queue);
      queue.destroy();
    }
    this.#fileSystem.remove(`${this.#directory}/${name}`);
  }

  #flushOne(queue: ConsumeQueue): void {
    queue.flush();
    queue.listed = false;
    if (!queue.warm) this.#warm.push(queue);
    queue.warm = true;
  }

  #cool(): void {
    const warm = this.#warm;
    this.#warm = [];
    for (const queue of warm) {
      const idle = queue.coolAt === queue.maxOffset;
      queue.coolAt = queue.maxOffset;
      if (!idle || queue.flushedOffset !== queue.maxOffset) {
        this.#warm.push(queue);
        continue;
      }
      queue.warm = false;
      queue.releaseTail();
    }
  }

  #entry(name: string): { topic: Topic; queues: Map<number, ConsumeQueue> } {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    if (!isSafeTopic(name)) {
      throw new MqError(MqErrorCode.InvalidArgument, `Topic ${JSON.stringify(name)} is not a name`);
    }
    const entry = { topic: new Topic(name), queues: new Map<number, ConsumeQueue>() };
    this.#topics.set(name, entry);
    if (isLmq(name)) this.#lightCount += 1;
    return entry;
  }
}

/** Topics become directories: whatever could lead elsewhere is no topic. */
function isSafeTopic(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return false;
  if (Buffer.byteLength(name) > TOPIC_BYTES_MAX) return false;
  for (let i = 0; i < name.length; i += 1) {
    const unit = name.charCodeAt(i);
    if (unit < 32 || unit === 127 || unit === 47 || unit === 92) return false;
  }
  return true;
}
