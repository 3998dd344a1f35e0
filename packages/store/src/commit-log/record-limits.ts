/** How large a record and its parts may be, and which records have no place in a queue. */
import { PROPERTIES_BYTES_MAX, recordLength, SystemFlag, VALUE_END } from '@skylarkmq/message';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import { PutStatus } from '../put-status.ts';
import { RECORD_OVERHEAD_BYTES } from '../recovery/record-verifier.ts';
import { BLANK_BYTES } from './commit-log.ts';

/** Topics of more bytes need the second record version. */
export const TOPIC_V1_BYTES_MAX = 127;
const TOPIC_BYTES_MAX = 255;

export class RecordLimits {
  /** What the last problem was. */
  reason = '';
  readonly #messageBytesMax: number;
  readonly #fileBytes: number;
  readonly #crcBytes: number;

  constructor(messageBytesMax: number, fileBytes: number, crcBytes: number) {
    this.#messageBytesMax = messageBytesMax;
    this.#fileBytes = fileBytes;
    this.#crcBytes = crcBytes;
  }

  recordBytes(
    queue: ConsumeQueue,
    bodyBytes: number,
    propertiesBytes: number,
    bornHostBytes: number,
    storeHostBytes: number,
  ): number {
    const topicBytes = queue.topicInfo.bytes.length;
    return recordLength(
      bodyBytes,
      topicBytes,
      propertiesBytes + this.#crcBytes,
      topicBytes > TOPIC_V1_BYTES_MAX,
      bornHostBytes,
      storeHostBytes,
    );
  }

  /** What is too large; `reason` says more. */
  problem(
    queue: ConsumeQueue,
    bodyBytes: number,
    propertiesBytes: number,
    recordBytes: number,
  ): PutStatus {
    const max = this.#messageBytesMax;
    if (bodyBytes > max) return this.#illegal(`The body has ${bodyBytes} bytes, at most ${max}`);
    if (propertiesBytes + this.#crcBytes > PROPERTIES_BYTES_MAX) {
      const limit = PROPERTIES_BYTES_MAX - this.#crcBytes;
      this.reason = `The properties have ${propertiesBytes} bytes, at most ${limit}`;
      return PutStatus.PropertiesSizeExceeded;
    }
    if (queue.topicInfo.bytes.length > TOPIC_BYTES_MAX) {
      return this.#illegal(`The topic ${queue.topic} is too long`);
    }
    const limit = max + RECORD_OVERHEAD_BYTES;
    if (recordBytes <= limit && recordBytes + BLANK_BYTES <= this.#fileBytes) return PutStatus.Ok;
    return this.#illegal(`The message takes ${recordBytes} bytes, at most ${limit}`);
  }

  #illegal(reason: string): PutStatus {
    this.reason = reason;
    return PutStatus.MessageIllegal;
  }
}

/** Bytes of properties with their last separator. */
export function terminatedBytes(properties: Buffer, start: number, end: number): number {
  const open = end > start && properties[end - 1] !== VALUE_END;
  return end - start + (open ? 1 : 0);
}

/** Halves of transactions, and those that were rolled back. */
export function isUnqueued(sysFlag: number): boolean {
  const transaction = sysFlag & SystemFlag.TransactionMask;
  return (
    transaction === SystemFlag.TransactionPrepared || transaction === SystemFlag.TransactionRollback
  );
}
