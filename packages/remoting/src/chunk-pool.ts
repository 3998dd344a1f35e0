/** Output chunks that were written to a socket and can be filled again. */

export const CHUNK_BYTES: number = 64 * 1024;
/** Chunks that wait for their next use: 2 MiB. */
const FREE_MAX = 32;

/** One pool serves all connections of a process. */
export class ChunkPool {
  readonly #free: Buffer[] = [];

  /** A chunk of `CHUNK_BYTES`, or a larger one of its own. Not zeroed. */
  take(bytesMin: number): Buffer {
    if (bytesMin > CHUNK_BYTES) return Buffer.allocUnsafeSlow(bytesMin);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  /** Gives a chunk back. Nothing may refer to it any more. */
  give(chunk: Buffer): void {
    if (chunk.length === CHUNK_BYTES && this.#free.length < FREE_MAX) this.#free.push(chunk);
  }
}

export const chunkPool: ChunkPool = new ChunkPool();
