import { UNIT_BYTES } from './unit.ts';

const SMALLEST_UNITS = 16;
const LARGEST_UNITS = 4096;
const SPARE_PER_SIZE_MAX = 64;

/**
 * Buffers for the newest units of queues, in sizes of 16, 64, 256, 1024 and 4096 units: a queue
 * with little traffic holds little memory, a busy one does not allocate.
 */
export class UnitBuffers {
  readonly #spare = new Map<number, Buffer[]>();

  /** A buffer for at least one more unit than `units`, or the largest. */
  larger(units: number): Buffer {
    let size = SMALLEST_UNITS;
    while (size <= units && size < LARGEST_UNITS) size *= 4;
    const bytes = size * UNIT_BYTES;
    return this.#spare.get(bytes)?.pop() ?? Buffer.allocUnsafe(bytes);
  }

  /** Takes a buffer back that nobody reads any more. */
  giveBack(buffer: Buffer): void {
    const spare = this.#spare.get(buffer.length);
    if (spare === undefined) this.#spare.set(buffer.length, [buffer]);
    else if (spare.length < SPARE_PER_SIZE_MAX) spare.push(buffer);
  }

  /** Whether a buffer cannot grow any more. */
  isLargest(buffer: Buffer): boolean {
    return buffer.length === LARGEST_UNITS * UNIT_BYTES;
  }
}
