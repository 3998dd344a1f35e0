import type { Outgoing } from './command.ts';
import { binaryHeaderBytesMax, writeBinaryHeader } from './header-binary.ts';
import { jsonHeaderText } from './header-json.ts';
import { Serialization } from './serialization.ts';

const PREFIX_BYTES = 8;
/** UTF-8 bytes of one UTF-16 unit, at most. */
const UNIT_BYTES_MAX = 3;

/**
 * Makes heads (length word, header word, header: everything of a frame but its body) in two steps,
 * so that they can be written where they are to be: `prepare`, make room, `write`. One at a time.
 */
export class HeadWriter {
  #outgoing: Outgoing | undefined;
  #text = '';
  #opaque = 0;
  #flag = 0;

  /** Returns how many bytes the head has at most. INVALID_ARGUMENT when it cannot be encoded. */
  prepare(outgoing: Outgoing, serialization: Serialization, opaque: number, flag: number): number {
    this.#opaque = opaque;
    this.#flag = flag;
    if (serialization === Serialization.Binary) {
      this.#outgoing = outgoing;
      return PREFIX_BYTES + binaryHeaderBytesMax(outgoing);
    }
    this.#outgoing = undefined;
    this.#text = jsonHeaderText(outgoing, opaque, flag);
    return PREFIX_BYTES + this.#text.length * UNIT_BYTES_MAX;
  }

  /** Writes the prepared head; `bodyBytes` will follow it. Returns how many bytes it has. */
  write(target: Buffer, at: number, bodyBytes: number): number {
    const binary = this.#outgoing;
    const start = at + PREFIX_BYTES;
    const headerBytes =
      binary === undefined
        ? target.write(this.#text, start, 'utf8')
        : writeBinaryHeader(target, start, binary, this.#opaque, this.#flag);
    const type = binary === undefined ? Serialization.Json : Serialization.Binary;
    target.writeInt32BE(4 + headerBytes + bodyBytes, at);
    target.writeInt32BE((type << 24) | headerBytes, at + 4);
    return PREFIX_BYTES + headerBytes;
  }
}

const writer = new HeadWriter();

/** A whole frame, in a buffer of its own. */
export function encodeCommand(outgoing: Outgoing, serialization: Serialization): Buffer {
  const { opaque = 0, flag = 0, body } = outgoing;
  const head = Buffer.allocUnsafe(writer.prepare(outgoing, serialization, opaque, flag));
  const headBytes = writer.write(head, 0, body?.length ?? 0);
  const exact = head.subarray(0, headBytes);
  return body == null ? Buffer.from(exact) : Buffer.concat([exact, body]);
}
