/**
 * Takes a message in: checks it, gives it its place in the log and in its queue, and encodes the
 * record straight into the tail. Everything here is synchronous and in memory.
 */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import {
  type BatchScan,
  encodeRecord,
  HOST_V4_BYTES,
  MAGIC_BLANK,
  PROPERTIES_BYTES_MAX,
  PROPERTY_CRC_BYTES,
  PropertyScan,
  RecordFields,
  SystemFlag,
  VALUE_END,
} from '@skylarkmq/message';
import type { AppendRequest } from '../append-request.ts';
import { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import { writeInt32 } from '../consume-queue/unit.ts';
import type { Segment } from '../file/segment-list.ts';
import { PutStatus } from '../put-status.ts';
import { RECORD_OVERHEAD_BYTES } from '../recovery/record-verifier.ts';
import { BLANK_BYTES, type CommitLog } from './commit-log.ts';
import { collectKeys, type KeySink } from './index-keys.ts';
import type { LogWriter } from './log-writer.ts';
import { type LightQueues, mayDispatchToMany, stampOffsets } from './multi-dispatch.ts';
import {
  ENTRY_UNQUEUED,
  ENTRY_WAITS,
  PENDING_MESSAGES_MAX,
  type PendingRing,
} from './pending-ring.ts';
import { isUnqueued, RecordLimits, TOPIC_V1_BYTES_MAX, terminatedBytes } from './record-limits.ts';
import { tagsCodeOf } from './tags-code-of.ts';

/** A file that could not be made is not tried again for this long. */
const CREATE_RETRY_MS = 1000;

export interface AppenderDeps {
  readonly log: CommitLog;
  readonly ring: PendingRing;
  readonly writer: LogWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storeHost: Buffer | (() => Buffer);
  /** Null: messages do not go to light queues. */
  readonly light: LightQueues | null;
  readonly propertyCrc: boolean;
  readonly maxMessageBytes: number;
  readonly pendingBytesMax: number;
  readonly delayLevelsMs: readonly number[];
  readonly indexEnabled: boolean;
  /** Called before the log grows past what the side file allows. */
  readonly allowWrite: (end: number) => void;
}

export class Appender implements KeySink {
  /** Why the last append was refused. */
  reason = '';
  /** Why appends are refused altogether, besides what the writer says: the disk is too full. */
  blockedReason = '';
  /** Up to here `allowWrite` was asked. */
  allowedEnd = 0;
  readonly #deps: AppenderDeps;
  readonly #log: CommitLog;
  readonly #ring: PendingRing;
  readonly #fields: RecordFields = new RecordFields();
  readonly #ownScan: PropertyScan = new PropertyScan();
  /** Properties that came without their last separator. */
  readonly #terminated: Buffer = Buffer.allocUnsafeSlow(PROPERTIES_BYTES_MAX + 1);
  readonly #crcBytes: number;
  readonly #limits: RecordLimits;
  #segment: Segment | null = null;
  #slot = 0;
  #createFailedMs = Number.NEGATIVE_INFINITY;

  constructor(deps: AppenderDeps) {
    this.#deps = deps;
    this.#log = deps.log;
    this.#ring = deps.ring;
    this.#crcBytes = deps.propertyCrc ? PROPERTY_CRC_BYTES : 0;
    const { fileBytes } = deps.log.segments;
    this.#limits = new RecordLimits(deps.maxMessageBytes, fileBytes, this.#crcBytes);
    this.#fields.propertyCrc = deps.propertyCrc;
  }

  append(request: AppendRequest): PutStatus {
    const { scan, sysFlag } = request;
    const { light } = this.#deps;
    if (scan.innerMultiDispatchStart >= 0 && light !== null && !isUnqueued(sysFlag)) {
      return this.#appendToMany(request, light);
    }
    const { properties, propertiesStart: from, propertiesEnd: to } = request;
    return this.#append(request, properties, from, to, null);
  }

  #appendToMany(request: AppendRequest, table: LightQueues): PutStatus {
    const { properties, propertiesStart: from, propertiesEnd: to, queue } = request;
    if (!(queue instanceof ConsumeQueue)) return this.#illegal('No queue of this store is given');
    if (!mayDispatchToMany(queue.topic)) return this.#append(request, properties, from, to, null);
    const light = table.of(properties, from, to);
    if ('reason' in light) {
      this.reason = light.reason;
      return light.status;
    }
    const stamped = stampOffsets(properties, from, to, light);
    return this.#append(request, stamped, 0, stamped.length, light);
  }

  #append(
    request: AppendRequest,
    text: Buffer,
    from: number,
    to: number,
    light: readonly ConsumeQueue[] | null,
  ): PutStatus {
    const { queue } = request;
    if (!(queue instanceof ConsumeQueue)) return this.#illegal('No queue of this store is given');
    const refused = this.#refusal();
    if (refused !== PutStatus.Ok) return refused;
    const bodyBytes = request.bodyEnd - request.bodyStart;
    const propertiesBytes = terminatedBytes(text, from, to);
    const bytes = this.#bytesOf(request, queue, bodyBytes, propertiesBytes);
    const wrong = this.#limits.problem(queue, bodyBytes, propertiesBytes, bytes);
    if (wrong !== PutStatus.Ok) return this.#tooLarge(wrong);
    if ((request.sysFlag & SystemFlag.InnerBatch) !== 0) {
      return this.#illegal(`${queue.topic} is not a topic for inner batches`);
    }
    const placed = this.#place(bytes);
    if (placed !== PutStatus.Ok) return placed;
    this.#begin(request, queue);
    const fields = this.#fields;
    fields.flag = request.flag;
    fields.body = request.body;
    fields.bodyStart = request.bodyStart;
    fields.bodyEnd = request.bodyEnd;
    this.#setProperties(text, from, to);
    let { scan } = request;
    if (fields.properties === this.#terminated || light !== null) {
      scan = this.#ownScan;
      scan.scan(fields.properties, fields.propertiesStart, fields.propertiesEnd);
    }
    request.physicalOffset = this.#log.endOffset;
    request.recordBytes = bytes;
    request.queueOffset = queue.nextOffset;
    request.tagsCode = this.#write(request, queue, bytes, scan);
    this.#ring.completions[this.#slot] = request.completion;
    if (light !== null) this.#ring.setLightQueues(this.#slot, light);
    this.#deps.writer.schedule();
    return PutStatus.Ok;
  }

  appendBatch(request: AppendRequest, batch: BatchScan): PutStatus {
    const { queue } = request;
    if (!(queue instanceof ConsumeQueue)) return this.#illegal('No queue of this store is given');
    const refused = this.#refusal();
    if (refused !== PutStatus.Ok) return refused;
    if ((request.sysFlag & (SystemFlag.TransactionMask | SystemFlag.InnerBatch)) !== 0) {
      return this.#illegal('A batch can neither be transactional nor an inner batch');
    }
    let total = 0;
    for (batch.rewind(); batch.next(); ) {
      const bodyBytes = batch.bodyEnd - batch.bodyStart;
      const { buffer, propertiesStart, propertiesEnd } = batch;
      const propertiesBytes = terminatedBytes(buffer, propertiesStart, propertiesEnd);
      const bytes = this.#bytesOf(request, queue, bodyBytes, propertiesBytes);
      const wrong = this.#limits.problem(queue, bodyBytes, propertiesBytes, bytes);
      if (wrong !== PutStatus.Ok) return this.#tooLarge(wrong);
      total += bytes;
    }
    if (total > this.#deps.maxMessageBytes + RECORD_OVERHEAD_BYTES) {
      return this.#illegal(`The batch takes ${total} bytes, at most ${this.#deps.maxMessageBytes}`);
    }
    const placed = this.#place(total);
    if (placed !== PutStatus.Ok) return placed;
    this.#begin(request, queue);
    request.physicalOffset = this.#log.endOffset;
    request.queueOffset = queue.nextOffset;
    request.recordBytes = total;
    request.physicalOffsets.length = 0;
    for (batch.rewind(); batch.next(); ) this.#appendPart(request, queue, batch);
    this.#ring.completions[this.#slot] = request.completion;
    this.#deps.writer.schedule();
    return PutStatus.Ok;
  }

  /** The hash of a key of the newest entry. */
  pushKey(hash: number): void {
    this.#ring.pushHash(this.#slot, hash);
  }

  #appendPart(request: AppendRequest, queue: ConsumeQueue, batch: BatchScan): void {
    const fields = this.#fields;
    fields.flag = batch.flag;
    fields.body = batch.buffer;
    fields.bodyStart = batch.bodyStart;
    fields.bodyEnd = batch.bodyEnd;
    this.#setProperties(batch.buffer, batch.propertiesStart, batch.propertiesEnd);
    const scan = this.#ownScan;
    scan.scan(fields.properties, fields.propertiesStart, fields.propertiesEnd);
    const bytes = this.#bytesOf(
      request,
      queue,
      batch.bodyEnd - batch.bodyStart,
      fields.propertiesEnd - fields.propertiesStart,
    );
    request.physicalOffsets.push(this.#log.endOffset);
    const tagsCode = this.#write(request, queue, bytes, scan);
    if (request.physicalOffsets.length === 1) request.tagsCode = tagsCode;
  }

  /** Properties without their last separator get it: else the checksum would be part of them. */
  #setProperties(properties: Buffer, start: number, end: number): void {
    const fields = this.#fields;
    fields.properties = properties;
    fields.propertiesStart = start;
    fields.propertiesEnd = end;
    if (terminatedBytes(properties, start, end) === end - start) return;
    const whole = this.#terminated;
    fields.propertiesStart = 0;
    fields.propertiesEnd = properties.copy(whole, 0, start, end) + 1;
    whole[end - start] = VALUE_END;
    fields.properties = whole;
  }

  /** What all records of a request have in common. */
  #begin(request: AppendRequest, queue: ConsumeQueue): void {
    const fields = this.#fields;
    const { storeHost } = this.#deps;
    const host = typeof storeHost === 'function' ? storeHost() : storeHost;
    const v6 = SystemFlag.BornHostV6 | SystemFlag.StoreHostV6;
    const bornV6 = request.bornHost.length > HOST_V4_BYTES ? SystemFlag.BornHostV6 : 0;
    const storeV6 = host.length > HOST_V4_BYTES ? SystemFlag.StoreHostV6 : 0;
    fields.queueId = queue.queueId;
    fields.sysFlag = (request.sysFlag & ~v6) | bornV6 | storeV6;
    fields.bornTimestamp = request.bornTimestamp;
    fields.bornHost = request.bornHost;
    fields.storeHost = host;
    fields.storeTimestamp = this.#deps.clock.nowMs();
    fields.reconsumeTimes = request.reconsumeTimes;
    fields.preparedTransactionOffset = request.preparedTransactionOffset;
    fields.topic = queue.topicInfo.bytes;
    fields.v2 = fields.topic.length > TOPIC_V1_BYTES_MAX;
    request.storeTimestamp = fields.storeTimestamp;
  }

  /** Encodes the record at the end of the log and notes what is to become of it. */
  #write(request: AppendRequest, queue: ConsumeQueue, bytes: number, scan: PropertyScan): number {
    const log = this.#log;
    const ring = this.#ring;
    const fields = this.#fields;
    const offset = log.endOffset;
    const transaction = fields.sysFlag & SystemFlag.TransactionMask;
    const unqueued = isUnqueued(transaction);
    fields.physicalOffset = offset;
    fields.queueOffset = unqueued ? 0 : queue.nextOffset;
    const segment = this.#segment;
    if (segment === null) throw new MqError('INTERNAL', 'No file is open for the record');
    const chunk = log.tail.reserve(segment, offset, bytes + BLANK_BYTES);
    encodeRecord(chunk.buffer, offset - chunk.base, fields);
    chunk.end = offset + bytes;
    log.endOffset = chunk.end;
    log.lastRecordOffset = offset;
    log.lastRecordBytes = bytes;
    const { properties } = fields;
    const { topicInfo } = queue;
    const { delayLevelsMs, indexEnabled } = this.#deps;
    const time = fields.storeTimestamp;
    const tagsCode = tagsCodeOf(properties, scan, topicInfo, time, delayLevelsMs);
    const slot = ring.push();
    this.#slot = slot;
    ring.queues[slot] = queue;
    ring.completions[slot] = null;
    ring.physicalOffsets[slot] = offset;
    ring.queueOffsets[slot] = fields.queueOffset;
    ring.tagsCodes[slot] = tagsCode;
    ring.storeTimestamps[slot] = time;
    ring.sizes[slot] = bytes;
    ring.flags[slot] = (request.waitForDurable ? ENTRY_WAITS : 0) | (unqueued ? ENTRY_UNQUEUED : 0);
    ring.keyCounts[slot] = 0;
    if (indexEnabled && transaction !== SystemFlag.TransactionRollback) {
      collectKeys(properties, scan, topicInfo, this);
    }
    if (!unqueued) queue.nextOffset += 1;
    return tagsCode;
  }

  #refusal(): PutStatus {
    const { writer, pendingBytesMax } = this.#deps;
    if (writer.state !== 'open') {
      this.reason = writer.reason;
      return PutStatus.ServiceNotAvailable;
    }
    if (this.blockedReason !== '') {
      this.reason = this.blockedReason;
      return PutStatus.ServiceNotAvailable;
    }
    const pending = writer.pendingBytes;
    if (pending > pendingBytesMax || this.#ring.length >= PENDING_MESSAGES_MAX) {
      const count = this.#ring.length;
      this.reason =
        `${pending} bytes in ${count} messages wait for the disk, ` +
        `the limit is ${pendingBytesMax} bytes`;
      return PutStatus.SystemBusy;
    }
    return PutStatus.Ok;
  }

  #bytesOf(
    request: AppendRequest,
    queue: ConsumeQueue,
    bodyBytes: number,
    propertiesBytes: number,
  ): number {
    const { storeHost } = this.#deps;
    const host = typeof storeHost === 'function' ? storeHost() : storeHost;
    const born = request.bornHost.length;
    return this.#limits.recordBytes(queue, bodyBytes, propertiesBytes, born, host.length);
  }

  /** Makes sure that `bytes` fit into the current file, else goes on in the next one. */
  #place(bytes: number): PutStatus {
    const log = this.#log;
    if (log.endOffset + bytes + BLANK_BYTES > this.allowedEnd) {
      const refused = this.#allow(log.endOffset + bytes);
      if (refused !== PutStatus.Ok) return refused;
    }
    let segment = this.#segment;
    const end = log.endOffset;
    if (segment === null || end < segment.start || end >= log.fileEnd(segment)) {
      segment = this.#open(end);
      if (segment === null) return PutStatus.ServiceNotAvailable;
      this.#segment = segment;
    }
    const fileEnd = log.fileEnd(segment);
    if (end + bytes + BLANK_BYTES <= fileEnd) return PutStatus.Ok;
    if (bytes + BLANK_BYTES > log.segments.fileBytes) {
      return this.#illegal(`The batch takes ${bytes} bytes, more than a file of the log`);
    }
    const next = this.#open(fileEnd);
    if (next === null) return PutStatus.ServiceNotAvailable;
    this.#writeBlank(segment, end, fileEnd - end);
    this.#segment = next;
    return PutStatus.Ok;
  }

  #allow(end: number): PutStatus {
    const step = 16 * 1024 * 1024;
    try {
      this.#deps.allowWrite(end + step);
      this.allowedEnd = end + step;
      return PutStatus.Ok;
    } catch (error) {
      this.reason = `The store cannot grow: ${MqError.from(error).message}`;
      return PutStatus.ServiceNotAvailable;
    }
  }

  /** RocketMQ: CommitLog.DefaultAppendMessageCallback#doAppend, END_OF_FILE */
  #writeBlank(segment: Segment, offset: number, bytes: number): void {
    const chunk = this.#log.tail.reserve(segment, offset, BLANK_BYTES);
    writeInt32(chunk.buffer, offset - chunk.base, bytes);
    writeInt32(chunk.buffer, offset - chunk.base + 4, MAGIC_BLANK);
    chunk.end = offset + BLANK_BYTES;
    this.#log.endOffset = offset + bytes;
  }

  /** The file that holds `offset`, made when it is not there yet; null when that fails. */
  #open(offset: number): Segment | null {
    const { segments } = this.#log;
    const found = segments.find(offset);
    if (found !== undefined) return found;
    const now = this.#deps.clock.monotonicMs();
    if (now - this.#createFailedMs < CREATE_RETRY_MS) return null;
    try {
      return segments.create(offset - (offset % segments.fileBytes));
    } catch (error) {
      this.#createFailedMs = now;
      this.reason = `The next file of the log cannot be made: ${MqError.from(error).message}`;
      this.#deps.logger.error({ reason: this.reason }, 'No file for new messages');
      return null;
    }
  }

  #tooLarge(status: PutStatus): PutStatus {
    this.reason = this.#limits.reason;
    return status;
  }

  #illegal(reason: string): PutStatus {
    this.reason = reason;
    return PutStatus.MessageIllegal;
  }
}
