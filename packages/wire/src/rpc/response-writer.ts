/**
 * Writes answers field by field straight into a connection's output, in either serialisation: what
 * the hot path uses instead of a Map and JSON.stringify. Values must not need escaping.
 */
import { FLAG_RESPONSE } from '../command.ts';
import { OUR_LANGUAGE } from '../language-code.ts';
import { OUR_VERSION } from '../mq-version.ts';
import { Serialization } from '../serialization.ts';

const HEX: Buffer = Buffer.from('0123456789ABCDEF', 'latin1');
const JSON_CODE: Buffer = Buffer.from('{"code":', 'latin1');
const JSON_EXT: Buffer = Buffer.from(',"extFields":{', 'latin1');
const JSON_FLAG: Buffer = Buffer.from(
  `},"flag":${FLAG_RESPONSE},"language":"OTHER","opaque":`,
  'latin1',
);
const JSON_REMARK: Buffer = Buffer.from(',"remark":"', 'latin1');
const JSON_END: Buffer = Buffer.from(
  `,"serializeTypeCurrentRPC":"JSON","version":${OUR_VERSION}}`,
  'latin1',
);
const SHORT = 24;
/** Where the header begins: behind the length word and the header word. */
const PREFIX_BYTES = 8;
/** Position of the extension length in a binary header without a remark. */
const BINARY_EXT_AT = PREFIX_BYTES + 17;

/** The name of a field, ready to be copied in both forms. */
export class FieldName {
  readonly json: Buffer;
  readonly binary: Buffer;

  constructor(name: string) {
    this.json = Buffer.from(`"${name}":"`, 'latin1');
    this.binary = Buffer.alloc(2 + name.length);
    this.binary.writeInt16BE(name.length);
    this.binary.write(name, 2, 'latin1');
  }
}

/** One answer at a time: `begin`, fields, `end`. Reusable. */
export class ResponseWriter {
  #target: Buffer = Buffer.alloc(0);
  #start = 0;
  #at = 0;
  #json = true;
  #first = true;
  #opaque = 0;
  #remark: Buffer | null = null;
  #valueAt = 0;

  /** Begins an answer at `position`; `remark` is plain ASCII. */
  begin(
    target: Buffer,
    position: number,
    serialization: Serialization,
    code: number,
    opaque: number,
    remark: Buffer | null = null,
  ): void {
    this.#target = target;
    this.#start = position;
    this.#at = position + PREFIX_BYTES;
    this.#json = serialization === Serialization.Json;
    this.#first = true;
    this.#opaque = opaque;
    this.#remark = remark;
    if (this.#json) {
      this.#copy(JSON_CODE);
      this.#digits(code);
      this.#copy(JSON_EXT);
    } else this.#beginBinary(code, opaque, remark);
  }

  number(name: FieldName, value: number): void {
    this.#field(name);
    this.#digits(value);
    this.#endField();
  }

  bytes(name: FieldName, source: Buffer, start: number, end: number): void {
    this.#field(name);
    const target = this.#target;
    let at = this.#at;
    for (let index = start; index < end; index++) target[at++] = source[index] ?? 0;
    this.#at = at;
    this.#endField();
  }

  /** Upper-case hexadecimal of host bytes and a 64-bit offset: an offset message id. */
  messageId(name: FieldName, host: Buffer, physicalOffset: number): void {
    this.#field(name);
    this.#id(host, physicalOffset);
    this.#endField();
  }

  /** Ids of a batch, joined by commas. */
  messageIds(name: FieldName, host: Buffer, physicalOffsets: readonly number[]): void {
    this.#field(name);
    for (let index = 0; index < physicalOffsets.length; index++) {
      if (index > 0) this.#target[this.#at++] = 0x2c;
      this.#id(host, physicalOffsets[index] ?? 0);
    }
    this.#endField();
  }

  /** Ends the header; `bodyBytes` will follow it. Returns the bytes written so far. */
  end(bodyBytes = 0): number {
    if (this.#json) this.#endJson();
    else this.#target.writeInt32BE(this.#at - this.#extAt() - 4, this.#extAt());
    const target = this.#target;
    const headerBytes = this.#at - this.#start - PREFIX_BYTES;
    const type = this.#json ? Serialization.Json : Serialization.Binary;
    target.writeInt32BE(4 + headerBytes + bodyBytes, this.#start);
    target.writeInt32BE((type << 24) | headerBytes, this.#start + 4);
    return this.#at - this.#start;
  }

  #beginBinary(code: number, opaque: number, remark: Buffer | null): void {
    const target = this.#target;
    const at = this.#at;
    target.writeInt16BE(code, at);
    target[at + 2] = OUR_LANGUAGE;
    target.writeInt16BE(OUR_VERSION, at + 3);
    target.writeInt32BE(opaque, at + 5);
    target.writeInt32BE(FLAG_RESPONSE, at + 9);
    target.writeInt32BE(remark?.length ?? 0, at + 13);
    this.#at = at + 17;
    if (remark !== null) this.#copy(remark);
    this.#at += 4;
  }

  #extAt(): number {
    return this.#start + BINARY_EXT_AT + (this.#remark?.length ?? 0);
  }

  #endJson(): void {
    this.#copy(JSON_FLAG);
    this.#digits(this.#opaque);
    if (this.#remark !== null) {
      this.#copy(JSON_REMARK);
      this.#copy(this.#remark);
      this.#target[this.#at++] = 0x22;
    }
    this.#copy(JSON_END);
  }

  #field(name: FieldName): void {
    if (this.#json) {
      if (!this.#first) this.#target[this.#at++] = 0x2c;
      this.#first = false;
      this.#copy(name.json);
    } else {
      this.#copy(name.binary);
      this.#at += 4;
    }
    this.#valueAt = this.#at;
  }

  #endField(): void {
    if (this.#json) this.#target[this.#at++] = 0x22;
    else this.#target.writeInt32BE(this.#at - this.#valueAt, this.#valueAt - 4);
  }

  /** Names are short: copying them here is cheaper than a call. */
  #copy(bytes: Buffer): void {
    const target = this.#target;
    const length = bytes.length;
    const at = this.#at;
    if (length > SHORT) target.set(bytes, at);
    else for (let index = 0; index < length; index++) target[at + index] = bytes[index] ?? 0;
    this.#at = at + length;
  }

  #id(host: Buffer, physicalOffset: number): void {
    const target = this.#target;
    let at = this.#at;
    for (let index = 0; index < host.length; index++) {
      const byte = host[index] ?? 0;
      target[at++] = HEX[byte >> 4] ?? 0;
      target[at++] = HEX[byte & 15] ?? 0;
    }
    const high = Math.floor(physicalOffset / 0x1_0000_0000);
    const low = physicalOffset >>> 0;
    for (let shift = 28; shift >= 0; shift -= 4) target[at++] = HEX[(high >>> shift) & 15] ?? 0;
    for (let shift = 28; shift >= 0; shift -= 4) target[at++] = HEX[(low >>> shift) & 15] ?? 0;
    this.#at = at;
  }

  #digits(value: number): void {
    const target = this.#target;
    let rest = value;
    if (rest < 0) {
      target[this.#at++] = 0x2d;
      rest = -rest;
    }
    let digits = 1;
    for (let limit = 10; digits < 16 && rest >= limit; limit *= 10) digits++;
    let at = this.#at + digits;
    this.#at = at;
    while (rest > 0x7fffffff) {
      target[--at] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    let small = rest | 0;
    for (let left = at - (this.#at - digits); left > 0; left--) {
      target[--at] = 0x30 + (small % 10);
      small = (small / 10) | 0;
    }
  }
}
