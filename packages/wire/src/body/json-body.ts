/** Bodies are JSON text; what the peers accept is described in docs/formats/remoting-frame.md. */
import { type JsonInput, type JsonValue, parseFastjson, stringifyJson } from '@skylarkmq/base';

/** Parses a body; a missing one is an empty object, as in Java. CORRUPT when it is not JSON. */
export function parseBody(body: Buffer | null): JsonValue {
  return body === null ? new Map() : parseFastjson(body.toString('utf8'));
}

/** Compact JSON with the unquoted integers and objects as keys that Java writes and expects. */
export function javaBody(value: JsonInput): Buffer {
  return Buffer.from(stringifyJson(value, { javaKeys: true }), 'utf8');
}

/** Compact standard JSON. */
export function standardBody(value: JsonInput): Buffer {
  return Buffer.from(stringifyJson(value), 'utf8');
}
