/**
 * The properties of one record at a time, read from its bytes: nothing is decoded that no
 * expression asks for, and what one asked for is there for the next.
 */
import { NAME_END, RecordKind, RecordView, VALUE_END } from '@skylarkmq/message';
import { int32, ValueCache } from './value-cache.ts';

/** Names that are shared between expressions; beyond that all are made again. */
const VARIABLES_MAX = 10_000;
/** Numbers that one pair takes in the list: begin and end of the name, end of the value. */
const PAIR_NUMBERS = 3;
const PAIRS_AT_FIRST = 64;
const SHORT_BYTES_MAX = 8;
const ASCII_MAX = 127;
const ASCII = Array.from({ length: ASCII_MAX + 1 }, (_, code) => String.fromCharCode(code));
/** Where a record says at which position of the log it lies. */
const POSITION_AT = 28;

/** A property that expressions name. */
export class Variable {
  readonly name: string;
  readonly bytes: Buffer;
  /** Unique among the variables of its `RecordProperties`. */
  readonly id: number;
  readonly #properties: RecordProperties;
  #generation = -1;
  #value: string | null = null;

  constructor(name: string, id: number, properties: RecordProperties) {
    this.name = name;
    this.id = id;
    this.bytes = Buffer.from(name);
    this.#properties = properties;
  }

  /** Its value in the record that is loaded; null when that has none. */
  get value(): string | null {
    const properties = this.#properties;
    if (this.#generation !== properties.generation) {
      this.#value = properties.find(this);
      this.#generation = properties.generation;
    }
    return this.#value;
  }
}

export class RecordProperties {
  /** Changes with every record. */
  generation = 0;
  readonly #view = new RecordView();
  readonly #variables = new Map<string, Variable>();
  readonly #cache = new ValueCache();
  #variablesMade = 0;
  #buffer: Buffer = Buffer.alloc(0);
  #pairs = new Int32Array(PAIRS_AT_FIRST * PAIR_NUMBERS);
  #count = 0;
  #start = -1;
  #end = -1;
  /** Whether the pairs are those of the record that is loaded. */
  #isScanned = true;
  /** The place of the record's values in the cache; -1 when they are not kept. */
  #place = -1;
  /** The position in the log of the record that is loaded, in two halves. */
  #high = 0;
  #low = 0;

  /** The variable of a name, the same for all who ask. */
  variable(name: string): Variable {
    const known = this.#variables.get(name);
    if (known !== undefined) return known;
    if (this.#variables.size >= VARIABLES_MAX) this.#variables.clear();
    this.#variablesMade += 1;
    const variable = new Variable(name, this.#variablesMade, this);
    this.#variables.set(name, variable);
    return variable;
  }

  /**
   * Makes the record in `buffer[start, end)` the one that variables are read from. Records do not
   * change, so one that is loaded already is not looked at again: many ask about each that arrives.
   */
  load(buffer: Buffer, start: number, end: number): void {
    const high = int32(buffer, start + POSITION_AT);
    const low = int32(buffer, start + POSITION_AT + 4);
    const isSame = low === this.#low && high === this.#high;
    if (isSame && buffer === this.#buffer && start === this.#start) return;
    this.#begin(buffer, start);
    this.#high = high;
    this.#low = low;
    this.#end = end;
    this.#isScanned = false;
    this.#place = this.#cache.place(buffer, start);
  }

  /** Loads encoded properties without a record. */
  loadEncoded(buffer: Buffer): void {
    this.#begin(buffer, -1);
    this.#place = -1;
    this.#isScanned = true;
    this.#scan(buffer, 0, buffer.length);
  }

  /** The value of a property; of equal names the last one counts. */
  find({ bytes, id }: Variable): string | null {
    const place = this.#place;
    if (place < 0) return this.#read(bytes);
    const known = this.#cache.get(place, id);
    if (known !== undefined) return known;
    const value = this.#read(bytes);
    this.#cache.set(place, id, value);
    return value;
  }

  #read(name: Buffer): string | null {
    if (!this.#isScanned) this.#scanRecord();
    const pairs = this.#pairs;
    const buffer = this.#buffer;
    for (let at = (this.#count - 1) * PAIR_NUMBERS; at >= 0; at -= PAIR_NUMBERS) {
      const start = pairs[at] ?? 0;
      const end = pairs[at + 1] ?? 0;
      if (end - start !== name.length || !isAt(buffer, start, name)) continue;
      return decode(buffer, end + 1, pairs[at + 2] ?? 0);
    }
    return null;
  }

  #scanRecord(): void {
    this.#isScanned = true;
    const view = this.#view;
    if (view.at(this.#buffer, this.#start, this.#end) !== RecordKind.Record) return;
    this.#scan(this.#buffer, view.propertiesStart, view.propertiesEnd);
  }

  #begin(buffer: Buffer, start: number): void {
    this.generation += 1;
    this.#buffer = buffer;
    this.#start = start;
    this.#count = 0;
  }

  /** RocketMQ: MessageDecoder#string2messageProperties */
  #scan(buffer: Buffer, start: number, end: number): void {
    let nameStart = start;
    let nameEnd = -1;
    for (let at = start; at < end; at += 1) {
      const byte = buffer[at] ?? 0;
      if (byte > VALUE_END) continue;
      if (byte === NAME_END) {
        if (nameEnd < 0) nameEnd = at;
      } else if (byte === VALUE_END) {
        this.#note(nameStart, nameEnd, at);
        nameStart = at + 1;
        nameEnd = -1;
      }
    }
    this.#note(nameStart, nameEnd, end);
  }

  #note(nameStart: number, nameEnd: number, valueEnd: number): void {
    if (nameEnd <= nameStart || nameEnd + 1 >= valueEnd) return;
    let at = this.#count * PAIR_NUMBERS;
    if (at >= this.#pairs.length) {
      const more = new Int32Array(this.#pairs.length * 2);
      more.set(this.#pairs);
      this.#pairs = more;
    }
    this.#pairs[at++] = nameStart;
    this.#pairs[at++] = nameEnd;
    this.#pairs[at] = valueEnd;
    this.#count += 1;
  }
}

function isAt(buffer: Buffer, start: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index += 1) {
    if (buffer[start + index] !== name[index]) return false;
  }
  return true;
}

/** Most values are short and ASCII: to put those together costs less than to call the decoder. */
function decode(buffer: Buffer, start: number, end: number): string {
  if (end - start > SHORT_BYTES_MAX) return buffer.toString('utf8', start, end);
  let text = '';
  for (let at = start; at < end; at += 1) {
    const byte = buffer[at] ?? 0;
    if (byte > ASCII_MAX) return buffer.toString('utf8', start, end);
    text += ASCII[byte] ?? '';
  }
  return text;
}
