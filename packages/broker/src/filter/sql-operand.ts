/** What stands on a side of a comparison; its type is known before any message comes. */
import { compareDoubles, parseJavaDouble, parseJavaInt, parseJavaLong } from './java-number.ts';
import type { Variable } from './record-properties.ts';
import { type Condition, Truth } from './truth.ts';

/** Java's Integer, Long and Double: properties are converted to the type of the literal. */
type NumberType = 'int' | 'long' | 'double';

export type Operand =
  | { readonly type: 'property'; readonly variable: Variable }
  | { readonly type: 'text'; readonly value: string }
  | NumberOperand
  | ConditionOperand
  | NothingOperand;

export interface NumberOperand {
  readonly type: 'number';
  readonly numberType: NumberType;
  /** A bigint where a number would not be exact. */
  readonly value: number | bigint;
  /** False behind a minus: RocketMQ checks literals only. */
  readonly isLiteral: boolean;
}

export interface ConditionOperand {
  readonly type: 'condition';
  readonly condition: Condition;
  /** Whether it is TRUE, FALSE or NULL itself. */
  readonly isLiteral: boolean;
  /** Whether it is NULL itself. */
  readonly isNull: boolean;
}

/** A minus before something that is no number: null, unless what it stands before fails. */
interface NothingOperand {
  readonly type: 'nothing';
  readonly before: Condition | null;
}

/** What `read` gives for a text that is no number. RocketMQ: NumberFormatException */
export const NOT_A_NUMBER = 'not a number';

/** Compares a property's text with a number: negative, 0, positive, or that it is no number. */
export function compareText(
  text: string,
  { numberType, value }: NumberOperand,
): number | typeof NOT_A_NUMBER {
  if (numberType === 'double') {
    const number = parseJavaDouble(text);
    return number === undefined ? NOT_A_NUMBER : compareDoubles(number, Number(value));
  }
  const number = numberType === 'int' ? parseJavaInt(text) : parseJavaLong(text);
  if (typeof number === 'number' && Number.isNaN(number)) return NOT_A_NUMBER;
  if (number < value) return -1;
  return number > value ? 1 : 0;
}

/** Compares two numbers as Java does: as doubles when one is one. */
export function compareNumbers(left: NumberOperand, right: NumberOperand): number {
  if (left.numberType === 'double' || right.numberType === 'double') {
    return compareDoubles(Number(left.value), Number(right.value));
  }
  if (left.value < right.value) return -1;
  return left.value > right.value ? 1 : 0;
}

/** Whether an operand is null; `Failed` when asking fails. */
export function nullness(operand: Operand): Condition {
  switch (operand.type) {
    case 'property': {
      const { variable } = operand;
      return () => (variable.value === null ? Truth.Yes : Truth.No);
    }
    case 'condition': {
      const { condition } = operand;
      return () => {
        const truth = condition();
        if (truth === Truth.Failed) return truth;
        return truth === Truth.Unknown ? Truth.Yes : Truth.No;
      };
    }
    case 'nothing': {
      const { before } = operand;
      if (before === null) return () => Truth.Yes;
      return () => (before() === Truth.Failed ? Truth.Failed : Truth.Yes);
    }
    default:
      return () => Truth.No;
  }
}
