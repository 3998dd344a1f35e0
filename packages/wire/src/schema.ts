/**
 * Typed headers: each is described once, field by field, and that gives encoder and decoder. Rules
 * of the wire: every value is a string; integers are strict decimal ("1.0", " 1" and "" are
 * errors, as in Java); booleans are true when the text is "true" in any case.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';

/** How one field is read from and written to the extension fields. */
export interface Field<Value> {
  /** INVALID_ARGUMENT when the field is missing or malformed. */
  read(ext: ReadonlyMap<string, string>, name: string): Value;
  write(ext: Map<string, string>, name: string, value: Value): void;
}

/** Encoder and decoder of a header whose values have the shape `Values`. */
export interface Header<Values> {
  encode(values: Values): Map<string, string>;
  /** Unknown fields are ignored. INVALID_ARGUMENT names the field that is missing or malformed. */
  decode(ext: ReadonlyMap<string, string>): Values;
}

/** One field for each member of `Values`. */
export type Fields<Values> = { readonly [Name in keyof Values]-?: Field<Values[Name]> };

/** Builds a header from its fields. */
export function header<Values extends object>(fields: Fields<Values>): Header<Values> {
  const names = Object.keys(fields).filter((name): name is Extract<keyof Values, string> =>
    Object.hasOwn(fields, name),
  );
  return {
    encode(values) {
      const ext = new Map<string, string>();
      for (const name of names) fields[name].write(ext, name, values[name]);
      return ext;
    },
    decode(ext) {
      const values: Partial<Values> = {};
      for (const name of names) {
        const value = fields[name].read(ext, name);
        if (value !== undefined) values[name] = value;
      }
      return complete(values);
    },
  };
}

/** Every member was read from its own field just before: the fields' types prove it. */
function complete<Values>(values: Partial<Values>): Values {
  return values as Values;
}

interface Codec<Value> {
  encode(value: Value): string;
  decode(text: string, name: string): Value;
}

function mandatory<Value>(codec: Codec<Value>): Field<Value> {
  return {
    read(ext, name) {
      const text = ext.get(name);
      if (text === undefined) throw invalid(`the custom field <${name}> is null`);
      return codec.decode(text, name);
    },
    write(ext, name, value) {
      ext.set(name, codec.encode(value));
    },
  };
}

function optional<Value>(codec: Codec<Value>): Field<Value | undefined> {
  return {
    read(ext, name) {
      const text = ext.get(name);
      return text === undefined ? undefined : codec.decode(text, name);
    },
    write(ext, name, value) {
      if (value !== undefined) ext.set(name, codec.encode(value));
    },
  };
}

function withDefault<Value>(codec: Codec<Value>, otherwise: Value): Field<Value> {
  return {
    read(ext, name) {
      const text = ext.get(name);
      return text === undefined ? otherwise : codec.decode(text, name);
    },
    write(ext, name, value) {
      ext.set(name, codec.encode(value));
    },
  };
}

const textCodec: Codec<string> = { encode: (value) => value, decode: (text) => text };

const integerCodec: Codec<number> = {
  encode: (value) => String(value),
  decode(text, name) {
    const value = strictInteger(text);
    if (Number.isSafeInteger(value)) return value;
    throw invalid(`field ${name} is not an integer: ${JSON.stringify(text.slice(0, 40))}`);
  },
};

/** For times that clients fill with Long.MAX_VALUE: what is beyond 2^53 becomes 2^53 - 1. */
const clampedCodec: Codec<number> = {
  encode: (value) => String(value),
  decode(text, name) {
    if (text.length > 20 || !isDecimal(text)) return integerCodec.decode(text, name);
    const limit = Number.MAX_SAFE_INTEGER;
    return Math.max(-limit, Math.min(limit, Number(text)));
  },
};

/** For versions, which are only compared: beyond 2^53 the nearest number, which keeps the order. */
const roundedCodec: Codec<number> = {
  encode: (value) => String(value),
  decode(text, name) {
    if (text.length <= 20 && isDecimal(text)) return Number(text);
    return integerCodec.decode(text, name);
  },
};

const booleanCodec: Codec<boolean> = {
  encode: (value) => String(value),
  decode: (text) => text.toLowerCase() === 'true',
};

/** Mandatory fields. */
export const text: Field<string> = mandatory(textCodec);
/** An int or long within 2^53. */
export const integer: Field<number> = mandatory(integerCodec);
export const clampedInteger: Field<number> = mandatory(clampedCodec);
export const roundedInteger: Field<number> = mandatory(roundedCodec);
export const boolean: Field<boolean> = mandatory(booleanCodec);

/** Fields that may be missing. */
export const optionalText: Field<string | undefined> = optional(textCodec);
export const optionalInteger: Field<number | undefined> = optional(integerCodec);
export const optionalBoolean: Field<boolean | undefined> = optional(booleanCodec);

/** Fields with a default for when they are missing. */
export function textOr(otherwise: string): Field<string> {
  return withDefault(textCodec, otherwise);
}

export function integerOr(otherwise: number): Field<number> {
  return withDefault(integerCodec, otherwise);
}

export function booleanOr(otherwise: boolean): Field<boolean> {
  return withDefault(booleanCodec, otherwise);
}

function strictInteger(text: string): number {
  return isDecimal(text) ? Number(text) : Number.NaN;
}

function isDecimal(text: string): boolean {
  const first = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
  if (text.length === first) return false;
  for (let index = first; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 48 || unit > 57) return false;
  }
  return true;
}

function invalid(reason: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, reason);
}
