/**
 * The store: composes log, queues, index and housekeeping, and answers the broker. What opening
 * does is in `recovery/`.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import {
  type BatchScan,
  decodeRecord,
  encodeProperties,
  isSystemTopic,
  type StoredMessage,
} from '@skylarkmq/message';
import { AppendRequest } from './append-request.ts';
import { ConsumeQueue } from './consume-queue/consume-queue.ts';
import { type StoreEngine, startEngine } from './engine.ts';
import type { GetResult, RecordFilter, TagsCodeFilter } from './get-result.ts';
import type {
  ArrivalListener,
  BitMapOf,
  KeyKind,
  MessageStore,
  PutMessage,
  PutResult,
  QueryResult,
  StoreHealth,
  TimeBoundary,
} from './message-store.ts';
import { PutStatus } from './put-status.ts';
import type { QueueHandle } from './queue-handle.ts';
import { queryByKey } from './read/key-query.ts';
import { searchByTime, storeTimeAt } from './read/time-search.ts';
import type { RecoveryReport } from './recovery-report.ts';
import { runtimeInfo } from './runtime-info.ts';
import type { StoreOptions } from './store-options.ts';

/** A store on files, real or in memory. Made by `LogStore.open`. */
export class LogStore implements MessageStore {
  readonly recovery: RecoveryReport;
  readonly #engine: StoreEngine;
  readonly #options: StoreOptions;
  readonly #requests: AppendRequest[] = [];
  #closing: Promise<void> | null = null;

  private constructor(options: StoreOptions, engine: StoreEngine) {
    this.#options = options;
    this.#engine = engine;
    this.recovery = engine.recovery;
  }

  /** Locks the directory, recovers what is there, and is ready. */
  static async open(options: StoreOptions): Promise<LogStore> {
    return new LogStore(options, await startEngine(options));
  }

  get statusReason(): string {
    const { appender, writer } = this.#engine;
    return writer.state === 'open' ? appender.reason : writer.reason;
  }

  get health(): StoreHealth {
    const { appender, writer } = this.#engine;
    const reason = writer.state === 'open' ? appender.blockedReason : writer.reason;
    return { writable: reason === '', reason };
  }

  get minPhysicalOffset(): number {
    return this.#engine.log.minOffset;
  }

  get maxPhysicalOffset(): number {
    return this.#engine.log.writtenOffset;
  }

  get durableOffset(): number {
    return this.#engine.log.durableOffset;
  }

  get dispatchBehindBytes(): number {
    const { log, dispatcher } = this.#engine;
    return Math.max(0, log.writtenOffset - dispatcher.dispatchedOffset);
  }

  queue(topic: string, queueId: number): QueueHandle {
    return this.#engine.queues.get(topic, queueId);
  }

  findQueue(topic: string, queueId: number): QueueHandle | undefined {
    return this.#engine.queues.find(topic, queueId);
  }

  queues(): IterableIterator<QueueHandle> {
    return this.#engine.queues.all();
  }

  append(request: AppendRequest): PutStatus {
    const status = this.#engine.appender.append(request);
    if (status === PutStatus.Ok) this.#engine.housekeeping.wake();
    return status;
  }

  appendBatch(request: AppendRequest, batch: BatchScan): PutStatus {
    const status = this.#engine.appender.appendBatch(request, batch);
    if (status === PutStatus.Ok) this.#engine.housekeeping.wake();
    return status;
  }

  put(message: PutMessage): Promise<PutResult> {
    const request = this.#requests.pop() ?? new AppendRequest();
    fillRequest(request, message, this.#engine.queues.get(message.topic, message.queueId));
    const { clock, storeHost } = this.#options;
    request.bornTimestamp = message.bornTimestamp ?? clock.nowMs();
    const host = typeof storeHost === 'function' ? storeHost() : storeHost;
    request.bornHost = message.bornHost ?? host;
    return new Promise((resolve) => {
      let stored: Omit<PutResult, 'status'> = NOT_STORED;
      request.completion = {
        completed: (status) => {
          resolve(status === PutStatus.Ok ? { status, ...stored } : { status, ...NOT_STORED });
        },
      };
      const status = this.append(request);
      const { queueOffset, physicalOffset, storeTimestamp, recordBytes } = request;
      stored = { queueOffset, physicalOffset, storeTimestamp, recordBytes };
      request.completion = null;
      this.#requests.push(request);
      if (status !== PutStatus.Ok) resolve({ status, ...NOT_STORED });
    });
  }

  getMessages(
    queue: QueueHandle,
    offset: number,
    maxCount: number,
    maxBytes: number,
    filter: TagsCodeFilter | null,
    records: RecordFilter | null = null,
  ): GetResult | Promise<GetResult> {
    if (!(queue instanceof ConsumeQueue)) {
      throw new MqError(MqErrorCode.InvalidArgument, 'The queue is not one of this store');
    }
    return this.#engine.reader.get(queue, offset, { maxCount, maxBytes, filter, records });
  }

  mayMatch(physicalOffset: number, recordBytes: number, records: RecordFilter): boolean {
    const chunk = this.#engine.log.tail.find(physicalOffset);
    if (chunk === null) return true;
    const start = physicalOffset - chunk.base;
    return records(chunk.buffer, start, start + recordBytes);
  }

  async lookMessage(physicalOffset: number): Promise<StoredMessage | null> {
    const record = await this.#engine.lookup.read(physicalOffset, undefined);
    return record === null ? null : decodeRecord(record, 0, { verify: false });
  }

  readRecord(physicalOffset: number, size?: number): Promise<Buffer | null> {
    return this.#engine.lookup.read(physicalOffset, size);
  }

  minOffset(topic: string, queueId: number): number {
    return this.#engine.queues.find(topic, queueId)?.minOffset ?? 0;
  }

  maxOffset(topic: string, queueId: number): number {
    return this.#engine.queues.find(topic, queueId)?.maxOffset ?? 0;
  }

  async offsetByTime(
    topic: string,
    queueId: number,
    timestampMs: number,
    boundary: TimeBoundary = 'lower',
  ): Promise<number> {
    const queue = this.#engine.queues.find(topic, queueId);
    if (queue === undefined) return 0;
    return searchByTime(queue, timestampMs, boundary, this.#readStoreTime);
  }

  async messageStoreTime(topic: string, queueId: number, offset: number): Promise<number> {
    const queue = this.#engine.queues.find(topic, queueId);
    return queue === undefined ? -1 : storeTimeAt(queue, offset, this.#readStoreTime);
  }

  async earliestStoreTime(topic: string, queueId: number): Promise<number> {
    const queue = this.#engine.queues.find(topic, queueId);
    return queue === undefined ? -1 : storeTimeAt(queue, queue.minOffset, this.#readStoreTime);
  }

  queryMessages(
    topic: string,
    key: string,
    maxCount: number,
    beginMs: number,
    endMs: number,
    kind: KeyKind = 'key',
  ): Promise<QueryResult> {
    const { index, lookup } = this.#engine;
    return queryByKey(index, lookup, topic, key, maxCount, beginMs, endMs, kind);
  }

  onArrival(listener: ArrivalListener): () => void {
    return this.#engine.dispatcher.onArrival(listener);
  }

  onFailure(listener: (reason: string) => void): () => void {
    const { failureListeners } = this.#engine;
    failureListeners.add(listener);
    return () => failureListeners.delete(listener);
  }

  extendQueues(bitMapOf: BitMapOf): void {
    const { dispatcher, extensions, log } = this.#engine;
    dispatcher.extend = (queue, tagsCode, storeTimestamp, physicalOffset, size) => {
      const { topic } = queue;
      const chunk = isSystemTopic(topic) ? null : log.tail.find(physicalOffset);
      if (chunk === null) return -1;
      const start = physicalOffset - chunk.base;
      const bitMap = bitMapOf(topic, chunk.buffer, start, start + size);
      return extensions.put(queue, { tagsCode, storeTimestamp, bitMap });
    };
  }

  async deleteTopic(topic: string): Promise<void> {
    this.#removeTopic(topic);
  }

  async cleanUnusedTopics(isKnown: (topic: string) => boolean): Promise<string[]> {
    const unknown = this.#engine.queues.topicNames().filter((topic) => !isKnown(topic));
    for (const topic of unknown) this.#removeTopic(topic);
    return unknown;
  }

  #removeTopic(topic: string): void {
    this.#engine.queues.remove(topic);
    this.#engine.extensions.remove(topic);
  }

  deleteExpiredFiles(): Promise<number> {
    return this.#engine.cleaner.deleteNow();
  }

  async flush(): Promise<void> {
    await this.#engine.writer.flush();
    await this.#engine.housekeeping.round();
  }

  runtimeInfo(): Map<string, string> {
    return runtimeInfo(this, this.#engine);
  }

  close(): Promise<void> {
    this.#closing ??= this.#engine.stop();
    return this.#closing;
  }

  readonly #readStoreTime = (physicalOffset: number, size: number): number =>
    this.#engine.lookup.storeTime(physicalOffset, size);
}

const NOT_STORED = {
  queueOffset: -1,
  physicalOffset: -1,
  storeTimestamp: -1,
  recordBytes: 0,
} as const;

const NO_PROPERTIES: Buffer = Buffer.alloc(0);

function fillRequest(request: AppendRequest, message: PutMessage, queue: QueueHandle): void {
  const { body, properties } = message;
  const encoded = encodedProperties(properties);
  request.queue = queue;
  request.flag = message.flag ?? 0;
  request.sysFlag = message.sysFlag ?? 0;
  request.reconsumeTimes = message.reconsumeTimes ?? 0;
  request.preparedTransactionOffset = message.preparedTransactionOffset ?? 0;
  request.body = Buffer.isBuffer(body) ? body : Buffer.from(body);
  request.bodyStart = 0;
  request.bodyEnd = request.body.length;
  request.properties = encoded;
  request.propertiesStart = 0;
  request.propertiesEnd = encoded.length;
  request.scan.scan(encoded, 0, encoded.length);
  request.waitForDurable = message.waitForDurable ?? true;
}

function encodedProperties(properties: PutMessage['properties']): Buffer {
  if (properties === undefined) return NO_PROPERTIES;
  return Buffer.isBuffer(properties) ? properties : encodeProperties(properties);
}
