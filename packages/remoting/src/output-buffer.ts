/**
 * Output of a connection until the socket takes it: small parts are copied into pooled chunks, so
 * that the answers of one turn of the event loop go out in one write; large ones go as they are.
 */
import type { Socket } from 'node:net';
import { CHUNK_BYTES, chunkPool } from './chunk-pool.ts';

/** Parts up to this are copied, larger ones handed to the socket without copying. */
const COPY_BYTES_MAX = 16 * 1024;

interface Part {
  readonly bytes: Uint8Array;
  /** The chunk to give back when the bytes are written; null when they are not of the pool. */
  readonly chunk: Buffer | null;
  /** Called when the socket has the bytes; null when nobody waits for that. */
  readonly taken: (() => void) | null;
}

export class OutputBuffer {
  /** Where to write in the buffer that `reserve` returned. */
  start = 0;
  #chunk: Buffer | null = null;
  /** Where the part of the chunk that is not sealed yet begins. */
  #chunkSealed = 0;
  #parts: Part[] = [];
  #partBytes = 0;

  /** Bytes that wait for `flush`. */
  get bytes(): number {
    return this.#partBytes + (this.#chunk === null ? 0 : this.start - this.#chunkSealed);
  }

  /** A buffer with room for `bytesMax` bytes from `start` on. */
  reserve(bytesMax: number): Buffer {
    const chunk = this.#chunk;
    if (chunk !== null && chunk.length - this.start >= bytesMax) return chunk;
    this.#sealChunk();
    const fresh = chunkPool.take(bytesMax);
    this.#chunk = fresh;
    this.start = 0;
    this.#chunkSealed = 0;
    return fresh;
  }

  /** Appends bytes that nobody changes until `taken` is called; not called after `clear`. */
  write(bytes: Uint8Array, taken: (() => void) | null = null): void {
    if (bytes.length <= COPY_BYTES_MAX) {
      this.reserve(bytes.length).set(bytes, this.start);
      this.start += bytes.length;
      taken?.();
      return;
    }
    this.#sealPart();
    this.#parts.push({ bytes, chunk: null, taken });
    this.#partBytes += bytes.length;
  }

  /** Hands everything to the socket, in order and with one system call. */
  flush(socket: Socket): void {
    this.#sealChunk();
    const parts = this.#parts;
    this.#parts = [];
    this.#partBytes = 0;
    if (!socket.writable) return;
    const several = parts.length > 1;
    if (several) socket.cork();
    for (const { bytes, chunk, taken } of parts) {
      if (chunk === null && taken === null) socket.write(bytes);
      else {
        socket.write(bytes, (error) => {
          if (error != null) return;
          if (chunk !== null) chunkPool.give(chunk);
          taken?.();
        });
      }
    }
    if (several) socket.uncork();
  }

  /** Drops everything. */
  clear(): void {
    this.#chunk = null;
    this.#parts = [];
    this.#partBytes = 0;
  }

  /** Ends the open chunk: the rest of it is not used. */
  #sealChunk(): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    if (this.start === this.#chunkSealed) {
      if (this.start > 0) this.#chunk = null;
      return;
    }
    const bytes = chunk.subarray(this.#chunkSealed, this.start);
    const isPooled = this.#chunkSealed === 0 && chunk.length === CHUNK_BYTES;
    this.#parts.push({ bytes, chunk: isPooled ? chunk : null, taken: null });
    this.#partBytes += bytes.length;
    this.#chunk = null;
  }

  /** Takes out what is written so far but goes on filling the same chunk. */
  #sealPart(): void {
    const chunk = this.#chunk;
    if (chunk === null || this.start === this.#chunkSealed) return;
    const bytes = chunk.subarray(this.#chunkSealed, this.start);
    this.#parts.push({ bytes, chunk: null, taken: null });
    this.#partBytes += bytes.length;
    this.#chunkSealed = this.start;
  }
}
