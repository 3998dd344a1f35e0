/**
 * Skylark's own side file `skylark.durable`: how far the log is safe, in two slots that are written
 * in turn, so that a torn write leaves the other one. Apache ignores it. What it says counts only
 * while the log's record at `lastRecordOffset` is still the one that it describes.
 */
import type { FileHandle, FileSystem } from '@skylarkmq/base';
import { crc32 } from '@skylarkmq/base';
import { int32, int64, writeInt32, writeInt64 } from '../consume-queue/unit.ts';
import {
  decodeIndexHeader,
  encodeIndexHeader,
  INDEX_HEADER_BYTES,
  type IndexHeader,
} from '../index/index-header.ts';

/** Name of the file in the store's root. */
const DURABLE_FILE_NAME: string = 'skylark.durable';

const MAGIC = 0x534b4c31;
/** A slot has a sector of its own. */
const SLOT_BYTES = 512;
const INDEX_NAME_BYTES = 17;
const INDEX_NAME_AT = 64;
const INDEX_HEADER_AT = INDEX_NAME_AT + INDEX_NAME_BYTES;
const SIZES_AT = INDEX_HEADER_AT + INDEX_HEADER_BYTES;
const CRC_FROM_AT = SIZES_AT + 16;
const INDEX_FILES_AT = CRC_FROM_AT + 8;
const CHECKPOINT_CRC_AT = INDEX_FILES_AT + 16;
const PAYLOAD_BYTES = CHECKPOINT_CRC_AT + 4;

/** What the store knew at a moment when everything below was on the disk. */
export interface DurableState {
  /** End of the log that fdatasync confirmed. */
  readonly durableOffset: number;
  /** Nothing was ever written to the log at or after this offset. */
  readonly writeLimit: number;
  /** The last record before `durableOffset`; -1 when there is none. */
  readonly lastRecordOffset: number;
  readonly lastRecordBytes: number;
  /** CRC-32 of that record's bytes. */
  readonly lastRecordCrc: number;
  /** Consume queues and index hold everything before this offset, durably. */
  readonly dispatchedOffset: number;
  /** 1 after a clean stop: the log ends at `durableOffset` and everything is dispatched. */
  readonly clean: boolean;
  readonly indexName: string;
  readonly indexHeader: IndexHeader | null;
  /** Length of the files of the log when this was written. */
  readonly logFileBytes: number;
  readonly queueFileBytes: number;
  /** Every record from here on has the property CRC; -1 when none need have. */
  readonly crcFrom: number;
  /** How many index files there were. */
  readonly indexFiles: number;
  /** Where the log began. */
  readonly minOffset: number;
  /** CRC-32 of Apache's checkpoint file as a clean stop left it; 0 while the store is open. */
  readonly checkpointCrc: number;
}

export class DurableFile {
  readonly #handle: FileHandle;
  #sequence = 0;
  /** The highest write limit that was asked for: saves may overtake each other. */
  #writeLimit = 0;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens the file, making it when missing, and reads the newest valid slot. */
  static open(
    fileSystem: FileSystem,
    directory: string,
  ): { file: DurableFile; state: DurableState | null } {
    const path = `${directory}/${DURABLE_FILE_NAME}`;
    const isNew = !fileSystem.exists(path);
    const handle = fileSystem.open(path, 'create');
    if (isNew) {
      handle.truncate(SLOT_BYTES * 2);
      fileSystem.syncDirectory(directory);
    }
    const file = new DurableFile(handle);
    return { file, state: file.#load() };
  }

  /** Writes a state after the ones before it; resolves when it is durable. */
  save(state: DurableState): Promise<void> {
    const saved = this.#writing.then(() => this.#saveNow(state));
    // The caller hears of an error; the next save is tried all the same.
    this.#writing = Promise.allSettled([saved]);
    return saved;
  }

  /** The same at once, for the moments when nothing may go on before it. */
  saveSync(state: DurableState): void {
    const slot = this.#encode(state);
    this.#handle.writeSync(slot, 0, SLOT_BYTES, this.#position());
    this.#handle.syncDataSync();
  }

  async close(): Promise<void> {
    await this.#writing;
    this.#handle.close();
  }

  async #saveNow(state: DurableState): Promise<void> {
    const slot = this.#encode(state);
    await this.#handle.write(slot, 0, SLOT_BYTES, this.#position());
    await this.#handle.syncData();
  }

  #position(): number {
    return (this.#sequence % 2) * SLOT_BYTES;
  }

  #encode(state: DurableState): Buffer {
    this.#sequence += 1;
    this.#writeLimit = Math.max(this.#writeLimit, state.writeLimit);
    const slot = Buffer.alloc(SLOT_BYTES);
    writeInt32(slot, 4, MAGIC);
    writeInt64(slot, 8, this.#sequence);
    writeInt64(slot, 16, state.durableOffset);
    writeInt64(slot, 24, this.#writeLimit);
    writeInt64(slot, 32, state.lastRecordOffset);
    writeInt32(slot, 40, state.lastRecordBytes);
    writeInt32(slot, 44, state.lastRecordCrc);
    writeInt64(slot, 48, state.dispatchedOffset);
    writeInt64(slot, 56, state.clean ? 1 : 0);
    slot.write(state.indexName, INDEX_NAME_AT, INDEX_NAME_BYTES, 'latin1');
    if (state.indexHeader !== null) {
      encodeIndexHeader(state.indexHeader, slot, INDEX_HEADER_AT);
    }
    writeInt64(slot, SIZES_AT, state.logFileBytes);
    writeInt64(slot, SIZES_AT + 8, state.queueFileBytes);
    writeInt64(slot, CRC_FROM_AT, state.crcFrom);
    writeInt64(slot, INDEX_FILES_AT, state.indexFiles);
    writeInt64(slot, INDEX_FILES_AT + 8, state.minOffset);
    writeInt32(slot, CHECKPOINT_CRC_AT, state.checkpointCrc);
    writeInt32(slot, 0, crc32(slot, 4, PAYLOAD_BYTES));
    return slot;
  }

  #load(): DurableState | null {
    const bytes = Buffer.alloc(SLOT_BYTES * 2);
    this.#handle.readSync(bytes, 0, bytes.length, 0);
    let newest = -1;
    for (const at of [0, SLOT_BYTES]) {
      const valid =
        int32(bytes, at + 4) === MAGIC &&
        int32(bytes, at) === (crc32(bytes, at + 4, at + PAYLOAD_BYTES) | 0);
      if (!valid || int64(bytes, at + 8) < this.#sequence) continue;
      this.#sequence = int64(bytes, at + 8);
      newest = at;
    }
    return newest < 0 ? null : decode(bytes, newest);
  }
}

function decode(bytes: Buffer, at: number): DurableState {
  const indexName = bytes.toString('latin1', at + INDEX_NAME_AT, at + INDEX_HEADER_AT);
  const named = indexName.charCodeAt(0) !== 0;
  return {
    durableOffset: int64(bytes, at + 16),
    writeLimit: int64(bytes, at + 24),
    lastRecordOffset: int64(bytes, at + 32),
    lastRecordBytes: int32(bytes, at + 40),
    lastRecordCrc: int32(bytes, at + 44) >>> 0,
    dispatchedOffset: int64(bytes, at + 48),
    clean: int64(bytes, at + 56) === 1,
    indexName: named ? indexName : '',
    indexHeader: named ? decodeIndexHeader(bytes, at + INDEX_HEADER_AT) : null,
    logFileBytes: int64(bytes, at + SIZES_AT),
    queueFileBytes: int64(bytes, at + SIZES_AT + 8),
    crcFrom: int64(bytes, at + CRC_FROM_AT),
    indexFiles: int64(bytes, at + INDEX_FILES_AT),
    minOffset: int64(bytes, at + INDEX_FILES_AT + 8),
    checkpointCrc: int32(bytes, at + CHECKPOINT_CRC_AT) >>> 0,
  };
}
