/**
 * Says whether bytes are the record that should be there: length, magic, its own position, the
 * body's checksum, and the checksum of the whole where the record has one.
 */
import { MAGIC_BLANK, MAGIC_V1, MAGIC_V2, RecordKind, RecordView } from '@skylarkmq/message';
import { int32 } from '../consume-queue/unit.ts';

/** What a record may be longer than its largest body. RocketMQ: CommitLog, 64 KiB. */
export const RECORD_OVERHEAD_BYTES: number = 64 * 1024;
/** No record is shorter. */
const RECORD_BYTES_MIN = 92;

/** What the first eight bytes claim to be. */
export type ClaimedKind = 'record' | 'blank' | 'none';

export class RecordVerifier {
  /** A longer record is not believed. */
  readonly recordBytesMax: number;
  /** The length that the last classified head claims. */
  claimedBytes = 0;
  /** From here on a record without the checksum of the whole is damaged; -1: nowhere. */
  crcFrom = -1;
  /** Whether `view` has the form of a record of its position, though a checksum may be wrong. */
  hasForm = false;
  /** The record that was checked last. */
  readonly view: RecordView = new RecordView();

  constructor(recordBytesMax: number) {
    this.recordBytesMax = recordBytesMax;
  }

  /** Looks at length and magic; `room`: bytes to the end of the file. */
  classify(head: Uint8Array, room: number): ClaimedKind {
    if (head.length < 8) return 'none';
    const magic = int32(head, 4);
    this.claimedBytes = int32(head, 0);
    if (magic === MAGIC_BLANK) return this.claimedBytes === room ? 'blank' : 'none';
    if (magic !== MAGIC_V1 && magic !== MAGIC_V2) return 'none';
    const fits = this.claimedBytes >= RECORD_BYTES_MIN && this.claimedBytes <= room;
    return fits && this.claimedBytes <= this.recordBytesMax ? 'record' : 'none';
  }

  /** Why `buffer[at, at + size)` is not the record of that position; empty when it is. */
  check(buffer: Buffer, at: number, size: number, physicalOffset: number): string {
    const { view } = this;
    this.hasForm = false;
    const kind = view.at(buffer, at, at + size);
    if (kind === RecordKind.Corrupt) return view.reason;
    if (kind !== RecordKind.Record) return `no record, ${kind}`;
    if (view.totalSize !== size) return `${view.totalSize} bytes long instead of ${size}`;
    if (view.physicalOffset !== physicalOffset) return `it belongs at ${view.physicalOffset}`;
    this.hasForm = true;
    if (this.crcFrom >= 0 && physicalOffset >= this.crcFrom && !view.hasPropertyCrc()) {
      return 'its checksum is missing';
    }
    // Text never ends with a zero byte, but a record does of which only the beginning was written.
    const { propertiesStart, propertiesEnd } = view;
    if (propertiesEnd > propertiesStart && buffer[propertiesEnd - 1] === 0) return 'it is torn';
    return view.checksumsMatch() ? '' : 'its checksum is wrong';
  }
}
