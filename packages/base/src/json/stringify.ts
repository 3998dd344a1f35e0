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
  | ReadonlyMap<JsonInputKey, JsonInput>
  | JsonInputObject;

/** Java's maps are keyed by integers and by objects (a MessageQueue), too. */
export type JsonInputKey = string | number | JsonInputObject;

/** A plain object of writable members. */
export interface JsonInputObject {
  readonly [key: string]: JsonInput;
}

export interface StringifyOptions {
  /** Tab indent, a line a member. Default compact. */
  readonly pretty?: boolean;
  /**
   * Keys that are numbers or objects without quotes, as Java writes and expects them. Default
   * quoted (standard JSON). A text is quoted whatever it looks like: `{` in an attribute's name is
   * no object, and Java refuses a map of texts that has a bare number for a key.
   */
  readonly javaKeys?: boolean;
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

function isMap(value: object): value is ReadonlyMap<JsonInputKey, JsonInput> {
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
  members: Iterable<readonly [JsonInputKey, JsonInput]>,
  options: StringifyOptions,
  indent: string,
): string {
  const parts: string[] = [];
  const inner = `${indent}\t`;
  for (const [key, value] of members) {
    if (value === undefined) continue;
    parts.push(`${writeKey(key, options)}:${write(value, options, inner)}`);
  }
  return wrap('{', '}', parts, options, indent);
}

function writeKey(key: JsonInputKey, options: StringifyOptions): string {
  if (typeof key === 'string') return JSON.stringify(key);
  const isObject = typeof key === 'object';
  const text = isObject ? write(key, { javaKeys: true }, '') : String(key);
  const isBare = isObject || Number.isSafeInteger(key);
  return options.javaKeys && isBare ? text : JSON.stringify(text);
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
