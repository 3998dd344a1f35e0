import { MqError, MqErrorCode } from '../error.ts';

/** Reads big-endian fields one after the other; past the end is an error, never `undefined`. */
export class ByteReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #position: number;

  constructor(buffer: Buffer, start = 0, end: number = buffer.length) {
    this.#buffer = buffer;
    this.#position = start;
    this.#end = Math.min(end, buffer.length);
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#take(1));
  }

  i16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }

  u16(): number {
    return this.#buffer.readUInt16BE(this.#take(2));
  }

  i32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }

  u32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  i64(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8));
  }

  /** A 64-bit field that must fit a number exactly: an offset, a time. */
  i64Number(): number {
    const at = this.#take(8);
    const high = this.#buffer.readInt32BE(at);
    const value = high * 0x1_0000_0000 + this.#buffer.readUInt32BE(at + 4);
    if (Number.isSafeInteger(value)) return value;
    throw new MqError(MqErrorCode.Corrupt, `64-bit field at ${at} is beyond 2^53: ${value}`);
  }

  /** A slice, not a copy. */
  bytes(length: number): Buffer {
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  utf8(length: number): string {
    const at = this.#take(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  #take(length: number): number {
    const at = this.#position;
    if (!(length >= 0) || at + length > this.#end) {
      const have = this.#end - at;
      throw new MqError(MqErrorCode.Corrupt, `Want ${length} bytes at ${at}, have ${have}`);
    }
    this.#position = at + length;
    return at;
  }
}
