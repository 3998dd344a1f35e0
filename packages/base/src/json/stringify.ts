/** Writes JSON as fastjson does: compact, or pretty with tabs and no space after the colon. */

/** What can be written. Undefined members are left out, as fastjson leaves out null fields. */
export type JsonInput =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | readonly JsonInput[]
  | ReadonlyMap<string | number, JsonInput>
  | JsonInputObject;

/** A plain object of writable members. */
export interface JsonInputObject {
  readonly [key: string]: JsonInput;
}

export interface StringifyOptions {
  /** Tab indent, a line a member. Default compact. */
  readonly pretty?: boolean;
  /** Integer keys without quotes, as Java brokers write them. Default quoted (standard JSON). */
  readonly unquotedIntegerKeys?: boolean;
  /** Keys that begin with `{` (an object as a key) without quotes. Default quoted. */
  readonly unquotedObjectKeys?: boolean;
}

/** The text of a value. */
export function stringifyJson(value: JsonInput, options: StringifyOptions = {}): string {
  return write(value, options, '');
}

function write(value: JsonInput, options: StringifyOptions, indent: string): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (isArray(value)) return writeArray(value, options, indent);
  const members = isMap(value) ? value.entries() : Object.entries(value);
  return writeMembers(members, options, indent);
}

function isArray(value: JsonInput): value is readonly JsonInput[] {
  return Array.isArray(value);
}

function isMap(value: object): value is ReadonlyMap<string | number, JsonInput> {
  return value instanceof Map;
}

function writeArray(
  values: readonly JsonInput[],
  options: StringifyOptions,
  indent: string,
): string {
  const inner = `${indent}\t`;
  return wrap(
    '[',
    ']',
    values.map((one) => write(one, options, inner)),
    options,
    indent,
  );
}

function writeMembers(
  members: Iterable<readonly [string | number, JsonInput]>,
  options: StringifyOptions,
  indent: string,
): string {
  const parts: string[] = [];
  const inner = `${indent}\t`;
  for (const [key, value] of members) {
    if (value === undefined) continue;
    parts.push(`${writeKey(String(key), options)}:${write(value, options, inner)}`);
  }
  return wrap('{', '}', parts, options, indent);
}

function writeKey(key: string, options: StringifyOptions): string {
  if (options.unquotedIntegerKeys && isInteger(key)) return key;
  if (options.unquotedObjectKeys && key.startsWith('{')) return key;
  return JSON.stringify(key);
}

function isInteger(key: string): boolean {
  return key !== '' && String(Number(key)) === key && Number.isSafeInteger(Number(key));
}

function wrap(
  open: string,
  close: string,
  parts: readonly string[],
  options: StringifyOptions,
  indent: string,
): string {
  if (!options.pretty || parts.length === 0) return `${open}${parts.join(',')}${close}`;
  const inner = `\n${indent}\t`;
  return `${open}${inner}${parts.join(`,${inner}`)}\n${indent}${close}`;
}
