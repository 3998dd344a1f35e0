import { assert } from '../assert.ts';

const INITIAL_BYTES = 256;
const MAX_BYTES = 64 * 1024 * 1024;

/** Writes big-endian fields one after the other into a growing buffer. Calls can be chained. */
export class ByteWriter {
  #buffer: Buffer;
  #position = 0;
  readonly #maxBytes: number;

  constructor(initialBytes: number = INITIAL_BYTES, maxBytes: number = MAX_BYTES) {
    this.#buffer = Buffer.alloc(initialBytes);
    this.#maxBytes = maxBytes;
  }

  get position(): number {
    return this.#position;
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#buffer.writeUInt8(value & 0xff, at);
    return this;
  }

  i16(value: number): this {
    const at = this.#grow(2);
    this.#buffer.writeInt16BE((value << 16) >> 16, at);
    return this;
  }

  i32(value: number): this {
    const at = this.#grow(4);
    this.#buffer.writeInt32BE(value | 0, at);
    return this;
  }

  i64(value: bigint | number): this {
    const at = this.#grow(8);
    this.#buffer.writeBigInt64BE(BigInt(value), at);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#grow(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  utf8(value: string): this {
    return this.bytes(Buffer.from(value, 'utf8'));
  }

  /** What was written, as a slice. The writer must not be used afterwards. */
  toBuffer(): Buffer {
    return this.#buffer.subarray(0, this.#position);
  }

  /** Makes room and answers where it is. May replace the buffer: call it before touching that. */
  #grow(length: number): number {
    const at = this.#position;
    const end = at + length;
    if (end > this.#buffer.length) {
      assert(end <= this.#maxBytes, `ByteWriter over its limit of ${this.#maxBytes} bytes`);
      const larger = Buffer.alloc(Math.max(end, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    this.#position = end;
    return at;
  }
}
