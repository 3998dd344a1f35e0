/** Literals of SQL92 as Java's constants. RocketMQ: ConstantExpression */
import { parseJavaLong } from './java-number.ts';
import type { Operand } from './sql-operand.ts';
import { SqlKind, type SqlToken, sqlError } from './sql-token.ts';
import { always, Truth } from './truth.ts';

const INT_MAX = 0x7fffffff;

/** The literal that a token is; null when it is none. INVALID_ARGUMENT for numbers too large. */
export function literalOf(token: SqlToken, source: string): Operand | null {
  const { kind, text, start } = token;
  switch (kind) {
    case SqlKind.Text:
      return { type: 'text', value: text.slice(1, -1).replaceAll("''", "'") };
    case SqlKind.Whole:
      return whole(text, start, source);
    case SqlKind.Fraction:
      return fraction(text, start, source);
    case 'TRUE':
      return { type: 'condition', condition: always(Truth.Yes), isLiteral: true, isNull: false };
    case 'FALSE':
      return { type: 'condition', condition: always(Truth.No), isLiteral: true, isNull: false };
    case 'NULL':
      return { type: 'condition', condition: always(Truth.Unknown), isLiteral: true, isNull: true };
    default:
      return null;
  }
}

function whole(text: string, start: number, source: string): Operand {
  const last = text.at(-1);
  const value = parseJavaLong(last === 'l' || last === 'L' ? text.slice(0, -1) : text);
  if (typeof value === 'number' && Number.isNaN(value)) {
    throw sqlError(source, start, `${text} does not fit 64 bits; write a number with a fraction`);
  }
  const numberType = value <= INT_MAX ? 'int' : 'long';
  return { type: 'number', numberType, value, isLiteral: true };
}

function fraction(text: string, start: number, source: string): Operand {
  const value = Number(text);
  if (value === Number.POSITIVE_INFINITY) {
    throw sqlError(source, start, `${text} is too large for a number of 64 bits`);
  }
  if (value === 0) {
    throw sqlError(source, start, `${text} is zero, which must be written as 0`);
  }
  return { type: 'number', numberType: 'double', value, isLiteral: true };
}
