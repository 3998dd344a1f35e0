/** Cuts commands out of the chunks of a connection. Layout in docs/formats/remoting-frame.md. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { Command } from './command.ts';
import { decodeBinaryHeader } from './header-binary.ts';
import { decodeJsonHeader } from './header-json.ts';
import { Serialization } from './serialization.ts';

/** Largest frame with its length word, as Apache's default. */
export const FRAME_BYTES_MAX: number = 16 * 1024 * 1024;
/** Largest header: 32 KiB of properties, escaped as JSON, need some 200 KiB. */
export const HEADER_BYTES_MAX: number = 256 * 1024;
const LENGTH_BYTES = 4;

export interface FrameLimits {
  /** Default 16 MiB. */
  readonly frameBytesMax?: number;
  /** Default 256 KiB. */
  readonly headerBytesMax?: number;
}

/**
 * `push` chunks as they come, then take commands with `next` until it answers null. Frames that lie
 * within a chunk are not copied; one that spans chunks is joined once. `next` throws CORRUPT for
 * input that is no frame: the connection is beyond repair then.
 */
export class FrameDecoder {
  readonly #frameBytesMax: number;
  readonly #headerBytesMax: number;
  #chunk: Buffer | null = null;
  #at = 0;
  /** Parts of a frame that is not complete yet, and how many bytes they have. */
  #parts: Buffer[] = [];
  #partBytes = 0;
  /** Bytes of the frame that is being collected, length word included; 0 while unknown. */
  #wanted = 0;

  constructor(limits: FrameLimits = {}) {
    this.#frameBytesMax = limits.frameBytesMax ?? FRAME_BYTES_MAX;
    this.#headerBytesMax = limits.headerBytesMax ?? HEADER_BYTES_MAX;
  }

  /** Bytes of a frame that is not complete; 0 between frames. */
  get pendingBytes(): number {
    return this.#partBytes + (this.#chunk === null ? 0 : this.#chunk.length - this.#at);
  }

  /** Hands in a chunk; the decoder keeps slices of it. */
  push(chunk: Buffer): void {
    if (this.#chunk !== null) this.#keepRest(this.#chunk, 0);
    if (this.#partBytes === 0) {
      this.#chunk = chunk;
      this.#at = 0;
      return;
    }
    this.#parts.push(chunk);
    this.#partBytes += chunk.length;
  }

  /**
   * Copies what is still needed of the chunk that was handed in last: its memory is about to
   * change. Commands that were taken out of it are the caller's business.
   */
  keep(chunk: Buffer): void {
    if (this.#chunk !== null) this.#keepRest(this.#chunk, 0);
    const last = this.#parts.length - 1;
    const part = this.#parts[last];
    if (part !== undefined && part.buffer === chunk.buffer) this.#parts[last] = Buffer.from(part);
  }

  /** The next command, or null when more bytes are needed. */
  next(): Command | null {
    if (this.#partBytes > 0) return this.#join();
    const chunk = this.#chunk;
    if (chunk === null) return null;
    const available = chunk.length - this.#at;
    if (available < LENGTH_BYTES) return this.#keepRest(chunk, 0);
    const frameBytes = this.#frameBytes(chunk, this.#at);
    if (available < frameBytes) return this.#keepRest(chunk, frameBytes);
    const start = this.#at;
    this.#at += frameBytes;
    return this.#decode(chunk, start, this.#at);
  }

  #frameBytes(buffer: Buffer, at: number): number {
    const length = buffer.readInt32BE(at);
    if (length < LENGTH_BYTES || length + LENGTH_BYTES > this.#frameBytesMax) {
      const limits = `${LENGTH_BYTES} to ${this.#frameBytesMax - LENGTH_BYTES}`;
      throw corrupt(`length ${length} is not within ${limits}`);
    }
    return length + LENGTH_BYTES;
  }

  #keepRest(chunk: Buffer, wanted: number): null {
    if (this.#at < chunk.length) {
      this.#parts.push(chunk.subarray(this.#at));
      this.#partBytes = chunk.length - this.#at;
      this.#wanted = wanted;
    }
    this.#chunk = null;
    return null;
  }

  /**
   * The frame that lies in several chunks, once they hold all of it. Only its own bytes are copied:
   * what follows it in the last chunk is read there.
   */
  #join(): Command | null {
    if (this.#wanted === 0) {
      if (this.#partBytes < LENGTH_BYTES) return null;
      const length = Buffer.concat(this.#parts.slice(0, LENGTH_BYTES), LENGTH_BYTES);
      this.#wanted = this.#frameBytes(length, 0);
    }
    if (this.#partBytes < this.#wanted) return null;
    const frame = Buffer.allocUnsafe(this.#wanted);
    let filled = 0;
    let used = 0;
    for (const part of this.#parts) {
      const taken = part.copy(frame, filled);
      filled += taken;
      used++;
      if (filled < frame.length) continue;
      this.#chunk = part;
      this.#at = taken;
      break;
    }
    this.#parts = this.#parts.slice(used);
    this.#partBytes = 0;
    this.#wanted = 0;
    if (this.#parts.length > 0) this.#putBack();
    return this.#decode(frame, 0, frame.length);
  }

  /** Several chunks came before the first was read: what is left of that one goes first again. */
  #putBack(): void {
    const rest = this.#chunk?.subarray(this.#at);
    this.#chunk = null;
    if (rest !== undefined && rest.length > 0) this.#parts.unshift(rest);
    for (const part of this.#parts) this.#partBytes += part.length;
  }

  #decode(chunk: Buffer, start: number, end: number): Command {
    const word = chunk.readInt32BE(start + LENGTH_BYTES);
    const headerBytes = word & 0xffffff;
    const type = word >>> 24;
    const headerStart = start + LENGTH_BYTES + 4;
    const headerEnd = headerStart + headerBytes;
    if (headerEnd > end) throw corrupt(`header of ${headerBytes} bytes does not fit`);
    if (headerBytes > this.#headerBytesMax) {
      throw corrupt(`header of ${headerBytes} bytes, at most ${this.#headerBytesMax}`);
    }
    const command = new Command(chunk, end - start);
    command.bodyStart = headerEnd;
    command.bodyEnd = end;
    if (type === Serialization.Json) decodeJsonHeader(command, headerStart, headerEnd);
    else if (type === Serialization.Binary) {
      command.serialization = Serialization.Binary;
      decodeBinaryHeader(command, headerStart, headerEnd);
    } else throw corrupt(`serialization type ${type}`);
    return command;
  }
}

function corrupt(reason: string): MqError {
  return new MqError(MqErrorCode.Corrupt, `Bad frame: ${reason}`);
}
