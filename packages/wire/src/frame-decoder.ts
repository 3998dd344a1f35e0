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

  /** Hands in a chunk; the decoder keeps slices of it. Take all commands before the next push. */
  push(chunk: Buffer): void {
    if (this.#partBytes === 0) {
      this.#chunk = chunk;
      this.#at = 0;
      return;
    }
    this.#parts.push(chunk);
    this.#partBytes += chunk.length;
  }

  /** The next command, or null when more bytes are needed. */
  next(): Command | null {
    if (this.#partBytes > 0 && !this.#join()) return null;
    const chunk = this.#chunk;
    if (chunk === null) return null;
    const available = chunk.length - this.#at;
    if (available < LENGTH_BYTES) return this.#keepRest(chunk, 0);
    const frameBytes = this.#frameBytes(chunk, this.#at);
    if (available < frameBytes) return this.#keepRest(chunk, frameBytes);
    const start = this.#at + LENGTH_BYTES;
    this.#at += frameBytes;
    return this.#decode(chunk.subarray(start, this.#at));
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

  /** Makes one chunk of the parts once they hold a whole frame. */
  #join(): boolean {
    if (this.#wanted === 0) {
      if (this.#partBytes < LENGTH_BYTES) return false;
      if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts, this.#partBytes)];
      const [first] = this.#parts;
      if (first === undefined) return false;
      this.#wanted = this.#frameBytes(first, 0);
    }
    if (this.#partBytes < this.#wanted) return false;
    const [first] = this.#parts;
    const single = this.#parts.length === 1 && first !== undefined;
    this.#chunk = single ? first : Buffer.concat(this.#parts, this.#partBytes);
    this.#at = 0;
    this.#parts = [];
    this.#partBytes = 0;
    this.#wanted = 0;
    return true;
  }

  #decode(frame: Buffer): Command {
    const word = frame.readInt32BE(0);
    const headerBytes = word & 0xffffff;
    const type = word >>> 24;
    const headerEnd = 4 + headerBytes;
    if (headerEnd > frame.length) throw corrupt(`header of ${headerBytes} bytes does not fit`);
    if (headerBytes > this.#headerBytesMax) {
      throw corrupt(`header of ${headerBytes} bytes, at most ${this.#headerBytesMax}`);
    }
    const command = new Command(frame);
    command.bodyStart = headerEnd;
    command.bodyEnd = frame.length;
    if (type === Serialization.Json) decodeJsonHeader(command, 4, headerEnd);
    else if (type === Serialization.Binary) {
      command.serialization = Serialization.Binary;
      decodeBinaryHeader(command, 4, headerEnd);
    } else throw corrupt(`serialization type ${type}`);
    return command;
  }
}

function corrupt(reason: string): MqError {
  return new MqError(MqErrorCode.Corrupt, `Bad frame: ${reason}`);
}
