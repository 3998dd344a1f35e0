/**
 * The properties of a message as they are to be stored: what the sender gave, the broker's stamps,
 * a unique key. Bytes are copied once; only what is out of the ordinary is decoded.
 */
import {
  decodeProperties,
  encodeProperties,
  NAME_END,
  PropertyName,
  PropertyScan,
  VALUE_END,
} from '@skylarkmq/message';
import type { PropertyStamps } from './property-stamps.ts';

const TRUE: Buffer = Buffer.from('true');
const LOWER_CASE_BIT = 0x20;
const UNIQUE_KEY: Buffer = Buffer.from(PropertyName.UniqueKey);
/** Enough for all that the store accepts, with the stamps. */
const SCRATCH_BYTES = 64 * 1024;

export class MessageProperties {
  /** The encoded properties; valid until the next message. */
  buffer: Buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  end = 0;
  /** Fits `buffer`. */
  readonly scan: PropertyScan = new PropertyScan();
  readonly #stamps: PropertyStamps;
  readonly #uniqueKey: () => string;

  /** `uniqueKey` makes the key of a message that came without one. */
  constructor(stamps: PropertyStamps, uniqueKey: () => string) {
    this.#stamps = stamps;
    this.#uniqueKey = uniqueKey;
  }

  /** Whether what `take` was given needs `decode` and `replace`. */
  get isSpecial(): boolean {
    return this.scan.special || this.scan.malformed;
  }

  /** Takes the sender's properties; false when they are longer than any that can be stored. */
  take(source: Buffer, start: number, end: number): boolean {
    const bytes = end - start;
    if (bytes > SCRATCH_BYTES / 2) return false;
    source.copy(this.buffer, 0, start, end);
    this.end = bytes;
    this.scan.scan(this.buffer, 0, bytes);
    return true;
  }

  /** Adds the stamps, and a unique key when there is none. */
  stamp(): void {
    const { buffer, scan } = this;
    let at = this.end;
    if (!scan.terminated) buffer[at++] = VALUE_END;
    scan.terminated = true;
    const { encoded } = this.#stamps;
    encoded.copy(buffer, at);
    at += encoded.length;
    if (scan.uniqKeyStart < 0) {
      at += UNIQUE_KEY.copy(buffer, at);
      buffer[at++] = NAME_END;
      scan.uniqKeyStart = at;
      at += buffer.write(this.#uniqueKey(), at, 'latin1');
      scan.uniqKeyEnd = at;
      buffer[at++] = VALUE_END;
    }
    this.end = at;
  }

  /** Whether the sender wants to hear when the message is durable: unless WAIT is not "true". */
  get waits(): boolean {
    const { waitStart, waitEnd } = this.scan;
    if (waitStart < 0) return true;
    if (waitEnd - waitStart !== TRUE.length) return false;
    for (let index = 0; index < TRUE.length; index++) {
      if (((this.buffer[waitStart + index] ?? 0) | LOWER_CASE_BIT) !== TRUE[index]) return false;
    }
    return true;
  }

  /** A key for a message that has none, as `stamp` would give it. */
  newUniqueKey(): string {
    return this.#uniqueKey();
  }

  decode(): Map<string, string> {
    return decodeProperties(this.buffer, 0, this.end);
  }

  /** Takes changed properties instead. INVALID_ARGUMENT when a value cannot be encoded. */
  replace(properties: Map<string, string>): boolean {
    const encoded = encodeProperties(properties);
    return this.take(encoded, 0, encoded.length);
  }
}
