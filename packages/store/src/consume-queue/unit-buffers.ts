import { UNIT_BYTES } from './unit.ts';

const SMALLEST_UNITS = 16;
const LARGEST_UNITS = 4096;
const LARGEST_BYTES = LARGEST_UNITS * UNIT_BYTES;
const SPARE_PER_SIZE_MAX = 64;
/** Buffers do not grow while all together hold more than this. */
const TOTAL_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Buffers for the newest units of queues, in sizes of 16, 64, 256, 1024 and 4096 units: a queue
 * with little traffic holds little memory, a busy one does not allocate.
 */
export class UnitBuffers {
  readonly #spare = new Map<number, Buffer[]>();
  /** Bytes in use and spare. */
  #bytes = 0;

  /** A buffer for at least one more unit than `units`, or the largest. */
  larger(units: number): Buffer {
    let size = SMALLEST_UNITS;
    while (size <= units && size < LARGEST_UNITS) size *= 4;
    return this.#take(size * UNIT_BYTES);
  }

  /** One of twice the size, for units that cannot be written at the moment. */
  twice(buffer: Buffer): Buffer {
    return this.#take(buffer.length * 2);
  }

  /** Takes a buffer back that nobody reads any more. */
  giveBack(buffer: Buffer): void {
    const spare = this.#spare.get(buffer.length);
    if (spare === undefined) this.#spare.set(buffer.length, [buffer]);
    else if (spare.length < SPARE_PER_SIZE_MAX && buffer.length <= LARGEST_BYTES)
      spare.push(buffer);
    else this.#bytes -= buffer.length;
  }

  /** Whether a buffer must not grow any more. */
  isLargest(buffer: Buffer): boolean {
    return buffer.length >= LARGEST_BYTES || this.#bytes > TOTAL_BYTES_MAX;
  }

  #take(bytes: number): Buffer {
    const spare = this.#spare.get(bytes)?.pop();
    if (spare !== undefined) return spare;
    this.#bytes += bytes;
    return Buffer.allocUnsafe(bytes);
  }
}
