import type { TraceOperation } from './trace.ts';

/** Writes and truncations: what changes the content of a file. */
export type ContentOperation = Extract<TraceOperation, { kind: 'write' | 'truncate' }>;

const NOTHING: Buffer = Buffer.alloc(0);

/** The content of a file while it changes; grows in place. */
export class FileImage {
  #bytes: Buffer;
  #size: number;

  constructor(content: Buffer = NOTHING) {
    this.#bytes = Buffer.from(content);
    this.#size = content.length;
  }

  clone(): FileImage {
    return new FileImage(this.content());
  }

  content(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Does the operation; of a write only its first `kept` bytes reach the file. */
  apply(operation: ContentOperation, kept: number = Infinity): void {
    if (operation.kind === 'truncate') this.#truncate(operation.size);
    else this.#write(operation.bytes, operation.position, kept);
  }

  #truncate(size: number): void {
    this.#grow(size);
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }

  #write(bytes: Buffer, position: number, kept: number): void {
    const length = Math.min(kept, bytes.length);
    this.#grow(position + length);
    bytes.copy(this.#bytes, position, 0, length);
    this.#size = Math.max(this.#size, position + length);
  }

  #grow(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(size, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#size);
    this.#bytes = larger;
  }
}
