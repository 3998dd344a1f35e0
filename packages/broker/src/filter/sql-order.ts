/** `>`, `>=`, `<`, `<=` between properties and numbers. RocketMQ: ComparisonExpression#evaluate */
import { compareDoubles, parseJavaDouble } from './java-number.ts';
import type { Variable } from './record-properties.ts';
import {
  compareNumbers,
  compareText,
  NOT_A_NUMBER,
  type NumberOperand,
  nullness,
  type Operand,
} from './sql-operand.ts';
import { always, type Condition, Truth, truthOf } from './truth.ts';

/** Which outcomes of a comparison a symbol takes. */
type Accept = (order: number) => boolean;

const ACCEPTS: ReadonlyMap<string, Accept> = new Map([
  ['>', (order: number) => order > 0],
  ['>=', (order: number) => order >= 0],
  ['<', (order: number) => order < 0],
  ['<=', (order: number) => order <= 0],
]);

/** What can be ordered: everything else was refused before. */
export type Orderable = Exclude<Operand, { type: 'text' | 'condition' }>;

export function isOrderSymbol(symbol: string): boolean {
  return ACCEPTS.has(symbol);
}

export function ordering(symbol: string, left: Orderable, right: Orderable): Condition {
  const accept = ACCEPTS.get(symbol) ?? (() => false);
  if (left.type === 'nothing') return unknown(left);
  if (right.type === 'nothing') {
    const isLeftNull = nullness(left);
    const isRightNull = nullness(right);
    return () => (isLeftNull() === Truth.Yes ? Truth.Unknown : failedOrUnknown(isRightNull()));
  }
  if (left.type === 'number') {
    if (right.type === 'number') return always(truthOf(accept(compareNumbers(left, right))));
    return withNumber(right.variable, left, (order) => accept(-order));
  }
  if (right.type === 'number') return withNumber(left.variable, right, accept);
  return withProperty(left.variable, right.variable, accept);
}

function withNumber(variable: Variable, number: NumberOperand, accept: Accept): Condition {
  return () => {
    const text = variable.value;
    if (text === null) return Truth.Unknown;
    const order = compareText(text, number);
    return order === NOT_A_NUMBER ? Truth.Failed : truthOf(accept(order));
  };
}

function withProperty(left: Variable, right: Variable, accept: Accept): Condition {
  return () => {
    const leftText = left.value;
    const rightText = right.value;
    if (leftText === null || rightText === null) return Truth.Unknown;
    const leftNumber = parseJavaDouble(leftText);
    const rightNumber = parseJavaDouble(rightText);
    if (leftNumber === undefined || rightNumber === undefined) return Truth.Failed;
    return truthOf(accept(compareDoubles(leftNumber, rightNumber)));
  };
}

function unknown(nothing: Orderable): Condition {
  const isNull = nullness(nothing);
  return () => failedOrUnknown(isNull());
}

function failedOrUnknown(truth: Truth): Truth {
  return truth === Truth.Failed ? truth : Truth.Unknown;
}
