/** Typed access to parsed JSON: a wrong type is CORRUPT and names where it was found. */
import { MqError, MqErrorCode } from '../error.ts';
import type { JsonArray, JsonObject, JsonValue } from './json-value.ts';

type Maybe = JsonValue | undefined;

/** The value as an object. `what` names it in the error. */
export function jsonObject(value: Maybe, what: string): JsonObject {
  if (value instanceof Map) return value;
  return fail(value, what, 'an object');
}

export function jsonArray(value: Maybe, what: string): JsonArray {
  if (Array.isArray(value)) return value;
  return fail(value, what, 'an array');
}

export function jsonString(value: Maybe, what: string): string {
  return typeof value === 'string' ? value : fail(value, what, 'a string');
}

/** A number that is exact; a 64-bit integer beyond 2^53 is an error. */
export function jsonNumber(value: Maybe, what: string): number {
  return typeof value === 'number' ? value : fail(value, what, 'a number');
}

export function jsonBoolean(value: Maybe, what: string): boolean {
  return typeof value === 'boolean' ? value : fail(value, what, 'true or false');
}

/** The member's value, or `otherwise` when it is missing or null. */
export function jsonNumberOr(value: Maybe, what: string, otherwise: number): number {
  return value === undefined || value === null ? otherwise : jsonNumber(value, what);
}

export function jsonStringOr(value: Maybe, what: string, otherwise: string): string {
  return value === undefined || value === null ? otherwise : jsonString(value, what);
}

export function jsonBooleanOr(value: Maybe, what: string, otherwise: boolean): boolean {
  return value === undefined || value === null ? otherwise : jsonBoolean(value, what);
}

export function jsonObjectOr(value: Maybe, what: string): JsonObject {
  return value === undefined || value === null ? new Map() : jsonObject(value, what);
}

export function jsonArrayOr(value: Maybe, what: string): JsonArray {
  return value === undefined || value === null ? [] : jsonArray(value, what);
}

function fail(value: Maybe, what: string, wanted: string): never {
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  throw new MqError(MqErrorCode.Corrupt, `${what} must be ${wanted}, not ${found}`);
}
