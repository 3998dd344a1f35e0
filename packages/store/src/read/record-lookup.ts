/** Single records by their position: from the tail or the files, checked before they are given. */
import { decodeRecord, type StoredMessage } from '@skylarkmq/message';
import type { CommitLog } from '../commit-log/commit-log.ts';
import type { RecordVerifier } from '../recovery/record-verifier.ts';

/** Where the store time stands in a record, by the length of its born host. */
const STORE_TIME_AT_V4 = 56;
const STORE_TIME_AT_V6 = 68;
const SYS_FLAG_AT = 36;
const BORN_HOST_V6 = 0x10;
/** Enough of a record to find its length and its store time. */
const HEAD_BYTES = 80;

export class RecordLookup {
  readonly #log: CommitLog;
  readonly #verifier: RecordVerifier;
  /** End of what may be seen. */
  readonly #visibleEnd: () => number;

  constructor(log: CommitLog, verifier: RecordVerifier, visibleEnd: () => number) {
    this.#log = log;
    this.#verifier = verifier;
    this.#visibleEnd = visibleEnd;
  }

  /** A copy of the record's bytes; null when no valid record begins there. */
  async read(physicalOffset: number, size: number | undefined): Promise<Buffer | null> {
    if (!Number.isSafeInteger(physicalOffset) || physicalOffset < this.#log.minOffset) return null;
    if (physicalOffset >= this.#visibleEnd()) return null;
    const chunk = this.#log.tail.find(physicalOffset);
    if (chunk !== null) {
      const at = physicalOffset - chunk.base;
      // The rest of the chunk may be megabytes of other records.
      const claimed = chunk.end - physicalOffset >= 4 ? chunk.buffer.readInt32BE(at) : 0;
      const end = Math.min(at + Math.max(0, claimed), chunk.end - chunk.base);
      return this.#checked(Buffer.from(chunk.buffer.subarray(at, end)), physicalOffset);
    }
    const claimed = size ?? (await this.#claimedBytes(physicalOffset));
    if (claimed <= 0 || claimed > this.#verifier.recordBytesMax) return null;
    const bytes = Buffer.allocUnsafe(claimed);
    const read = await this.#log.read(physicalOffset, claimed, bytes);
    return this.#checked(bytes.subarray(0, read), physicalOffset);
  }

  async look(physicalOffset: number): Promise<StoredMessage | null> {
    const bytes = await this.read(physicalOffset, undefined);
    return bytes === null ? null : decodeRecord(bytes, 0);
  }

  /** The store time of the record there; -1 when the log does not have it. */
  storeTime(physicalOffset: number, size: number): number {
    if (physicalOffset < this.#log.minOffset || size < HEAD_BYTES) return -1;
    const chunk = this.#log.tail.find(physicalOffset);
    if (chunk !== null) return storeTimeOf(chunk.buffer, physicalOffset - chunk.base);
    const head = Buffer.allocUnsafe(HEAD_BYTES);
    const read = this.#log.readSync(physicalOffset, HEAD_BYTES, head);
    if (read < HEAD_BYTES || this.#verifier.classify(head, size) !== 'record') return -1;
    return this.#verifier.claimedBytes === size ? storeTimeOf(head, 0) : -1;
  }

  #checked(bytes: Buffer, physicalOffset: number): Buffer | null {
    if (bytes.length < HEAD_BYTES || this.#verifier.classify(bytes, bytes.length) !== 'record') {
      return null;
    }
    const size = this.#verifier.claimedBytes;
    const reason = this.#verifier.check(bytes, 0, size, physicalOffset);
    return reason === '' ? bytes.subarray(0, size) : null;
  }

  async #claimedBytes(physicalOffset: number): Promise<number> {
    const head = Buffer.allocUnsafe(8);
    const read = await this.#log.read(physicalOffset, head.length, head);
    const isRecord = read === 8 && this.#verifier.classify(head, Infinity) === 'record';
    return isRecord ? this.#verifier.claimedBytes : 0;
  }
}

function storeTimeOf(record: Buffer, at: number): number {
  const v6 = (record.readInt32BE(at + SYS_FLAG_AT) & BORN_HOST_V6) !== 0;
  const timeAt = at + (v6 ? STORE_TIME_AT_V6 : STORE_TIME_AT_V4);
  return record.readInt32BE(timeAt) * 4294967296 + record.readUInt32BE(timeAt + 4);
}
