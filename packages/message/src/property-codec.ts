/**
 * Properties on the wire and on disk: name, 0x01, value, 0x02, repeated, UTF-8 without escaping
 * (docs/formats/commit-log.md).
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { NAME_END, VALUE_END } from './property.ts';

const NAME_END_TEXT = String.fromCharCode(NAME_END);
const VALUE_END_TEXT = String.fromCharCode(VALUE_END);
/** A pair shorter than name, separator, value is dropped. */
const PAIR_UNITS_MIN = 3;

/**
 * The text form of properties. INVALID_ARGUMENT when a name or a value contains a separator; pairs
 * with an empty name or value are left out, since readers drop them.
 */
export function encodePropertyText(properties: Iterable<readonly [string, string]>): string {
  let text = '';
  for (const [name, value] of properties) {
    if (name === '' || value === '') continue;
    if (hasSeparator(name) || hasSeparator(value)) {
      throw new MqError(
        MqErrorCode.InvalidArgument,
        `Property ${JSON.stringify(name)} must not contain the characters U+0001 and U+0002`,
      );
    }
    text += name + NAME_END_TEXT + value + VALUE_END_TEXT;
  }
  return text;
}

/** The bytes of properties; see {@link encodePropertyText}. */
export function encodeProperties(properties: Iterable<readonly [string, string]>): Buffer {
  return Buffer.from(encodePropertyText(properties), 'utf8');
}

/** Reads the text form; a missing last 0x02 is accepted, malformed pairs are dropped. */
export function decodePropertyText(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(VALUE_END_TEXT, start);
    const end = found < 0 ? text.length : found;
    const separator = text.indexOf(NAME_END_TEXT, start);
    const complete = separator > start && separator < end - 1;
    if (complete && end - start >= PAIR_UNITS_MIN) {
      properties.set(text.slice(start, separator), text.slice(separator + 1, end));
    }
    start = end + 1;
  }
  return properties;
}

/** Reads properties from bytes. */
export function decodeProperties(
  buffer: Buffer,
  start = 0,
  end: number = buffer.length,
): Map<string, string> {
  return decodePropertyText(buffer.toString('utf8', start, end));
}

function hasSeparator(text: string): boolean {
  return text.includes(NAME_END_TEXT) || text.includes(VALUE_END_TEXT);
}
