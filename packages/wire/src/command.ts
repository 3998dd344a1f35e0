/**
 * A command of the remoting protocol: received (`Command`, which keeps the frame's bytes and
 * decodes as late as possible) and to be sent (`Outgoing`). Layout in
 * docs/formats/remoting-frame.md.
 */
import { decodeBinaryExt } from './ext-binary.ts';
import { decodeJsonExt } from './ext-json.ts';
import { Serialization } from './serialization.ts';

export const FLAG_RESPONSE = 1;
export const FLAG_ONEWAY = 2;

const NOTHING: ReadonlyMap<string, string> = new Map();
const NO_BYTES: Buffer = Buffer.alloc(0);

/** A received frame. Its bytes lie in the socket's chunk, with others: never change them. */
export class Command {
  code = 0;
  flag = 0;
  /** Pairs answer and request; int32. */
  opaque = 0;
  /** See language-code.ts. */
  language = 0;
  /** See mq-version.ts. */
  version = 0;
  remark: string | null = null;
  serialization: Serialization = Serialization.Json;
  /** The buffer that holds the frame, among others; the positions below are positions in it. */
  frame: Buffer;
  /** Bytes of the frame on the wire, its length word included. */
  readonly frameBytes: number;
  /** Undecoded extension fields in `frame`; equal when there are none. */
  extStart = 0;
  extEnd = 0;
  /** The body in `frame`; equal when there is none. */
  bodyStart = 0;
  bodyEnd = 0;
  /** Which marks (ext-marks.ts) were made of the extension fields; 0 for none. */
  extMarks = 0;
  /** Whether the extension fields turned out to be no such thing. */
  isMalformed = false;
  #ext: ReadonlyMap<string, string> | undefined;

  constructor(frame: Buffer, frameBytes: number) {
    this.frame = frame;
    this.frameBytes = frameBytes;
  }

  get isResponse(): boolean {
    return (this.flag & FLAG_RESPONSE) !== 0;
  }

  get isOneway(): boolean {
    return (this.flag & FLAG_ONEWAY) !== 0;
  }

  /** The body as a slice; null when it is empty. */
  get body(): Buffer | null {
    return this.bodyStart === this.bodyEnd
      ? null
      : this.frame.subarray(this.bodyStart, this.bodyEnd);
  }

  /** The extension fields, decoded at the first use. CORRUPT when they are malformed. */
  get ext(): ReadonlyMap<string, string> {
    if (this.#ext === undefined) {
      this.isMalformed = true;
      this.#ext = this.#decodeExt();
      this.isMalformed = false;
    }
    return this.#ext;
  }

  /** Whether `ext` was set by the fallback decoder and the bytes must not be scanned. */
  get isExtDecoded(): boolean {
    return this.#ext !== undefined;
  }

  /** Moves the frame into memory of its own: that which holds it is about to change. */
  detach(): void {
    const start = this.bodyEnd - this.frameBytes;
    this.frame = Buffer.from(this.frame.subarray(start, this.bodyEnd));
    this.extStart -= start;
    this.extEnd -= start;
    this.bodyStart -= start;
    this.bodyEnd -= start;
    this.extMarks = 0;
  }

  /** Lets the frame's bytes go: whoever reads them now finds nothing, never another's. */
  release(): void {
    this.frame = NO_BYTES;
    this.extStart = 0;
    this.extEnd = 0;
    this.bodyStart = 0;
    this.bodyEnd = 0;
    this.extMarks = 0;
  }

  /** For decoders that had to decode everything at once. */
  setExt(ext: ReadonlyMap<string, string>): void {
    this.#ext = ext;
  }

  #decodeExt(): ReadonlyMap<string, string> {
    if (this.extStart === this.extEnd) return NOTHING;
    return this.serialization === Serialization.Binary
      ? decodeBinaryExt(this.frame, this.extStart, this.extEnd)
      : decodeJsonExt(this.frame, this.extStart, this.extEnd);
  }
}

/** A command to send; what is left out gets the sender's own value. */
export interface Outgoing {
  readonly code: number;
  readonly flag?: number;
  readonly opaque?: number;
  readonly version?: number;
  readonly language?: number;
  readonly remark?: string | null | undefined;
  readonly ext?: ReadonlyMap<string, string> | undefined;
  readonly body?: Uint8Array | null | undefined;
}
