/** `=` between operands of all types. RocketMQ: ComparisonExpression#doCreateEqual */

import type { Variable } from './record-properties.ts';
import {
  type ConditionOperand,
  compareNumbers,
  compareText,
  NOT_A_NUMBER,
  type NumberOperand,
  nullness,
  type Operand,
} from './sql-operand.ts';
import { always, type Condition, Truth, truthOf } from './truth.ts';

export function equality(left: Operand, right: Operand): Condition {
  if (left.type === 'nothing' || right.type === 'nothing') return byNullness(left, right);
  switch (left.type) {
    case 'property':
      return propertyEquals(left.variable, right);
    case 'text':
      return textEquals(left.value, right);
    case 'number':
      return numberEquals(left, right);
    case 'condition':
      return conditionEquals(left, right);
  }
}

function propertyEquals(
  variable: Variable,
  right: Exclude<Operand, { type: 'nothing' }>,
): Condition {
  switch (right.type) {
    case 'text': {
      const { value } = right;
      return () => {
        const text = variable.value;
        return text === null ? Truth.Unknown : truthOf(text === value);
      };
    }
    case 'property': {
      const other = right.variable;
      return () => {
        const text = variable.value;
        const otherText = other.value;
        if (text === null) return otherText === null ? Truth.Yes : Truth.Unknown;
        return truthOf(text === otherText);
      };
    }
    case 'number':
      return () => {
        const text = variable.value;
        return text === null ? Truth.Unknown : same(compareText(text, right));
      };
    case 'condition': {
      const { condition } = right;
      return () => {
        const text = variable.value;
        const truth = condition();
        if (truth === Truth.Failed) return truth;
        if (text === null) return truth === Truth.Unknown ? Truth.Yes : Truth.Unknown;
        return truthOf(truth === javaBoolean(text));
      };
    }
  }
}

function textEquals(value: string, right: Exclude<Operand, { type: 'nothing' }>): Condition {
  switch (right.type) {
    case 'text':
      return always(truthOf(value === right.value));
    case 'property':
      return () => truthOf(right.variable.value === value);
    case 'number':
      return always(same(compareText(value, right)));
    case 'condition': {
      const { condition } = right;
      const truth = javaBoolean(value);
      return () => {
        const other = condition();
        return other === Truth.Failed ? other : truthOf(other === truth);
      };
    }
  }
}

function numberEquals(
  left: NumberOperand,
  right: Exclude<Operand, { type: 'nothing' }>,
): Condition {
  switch (right.type) {
    case 'number':
      return always(truthOf(compareNumbers(left, right) === 0));
    case 'text':
      return always(same(compareText(right.value, left)));
    case 'property':
      return () => {
        const text = right.variable.value;
        return text === null ? Truth.No : same(compareText(text, left));
      };
    case 'condition': {
      const { condition } = right;
      return () => (condition() === Truth.Failed ? Truth.Failed : Truth.No);
    }
  }
}

function conditionEquals(
  { condition }: ConditionOperand,
  right: Exclude<Operand, { type: 'nothing' }>,
): Condition {
  if (right.type === 'condition') {
    const other = right.condition;
    return () => {
      const truth = condition();
      if (truth === Truth.Failed) return truth;
      const otherTruth = other();
      if (otherTruth === Truth.Failed) return otherTruth;
      if (truth === Truth.Unknown) return otherTruth === truth ? Truth.Yes : Truth.Unknown;
      return truthOf(truth === otherTruth);
    };
  }
  if (right.type === 'property') {
    const { variable } = right;
    return () => {
      const truth = condition();
      if (truth === Truth.Failed) return truth;
      const text = variable.value;
      if (truth === Truth.Unknown) return text === null ? Truth.Yes : truth;
      // RocketMQ: ComparisonExpression#__compare casts the boolean to a text, which fails.
      return text === null ? Truth.No : Truth.Failed;
    };
  }
  const known = right.type === 'text' ? Truth.Failed : Truth.No;
  return () => {
    const truth = condition();
    return truth === Truth.Failed || truth === Truth.Unknown ? truth : known;
  };
}

/** Where one side is always null. */
function byNullness(left: Operand, right: Operand): Condition {
  const isLeftNull = nullness(left);
  const isRightNull = nullness(right);
  return () => {
    const leftNull = isLeftNull();
    if (leftNull === Truth.Failed) return leftNull;
    const rightNull = isRightNull();
    if (rightNull === Truth.Failed) return rightNull;
    if (leftNull === Truth.Yes) return rightNull === Truth.Yes ? Truth.Yes : Truth.Unknown;
    return Truth.No;
  };
}

function same(order: number | typeof NOT_A_NUMBER): Truth {
  return order === NOT_A_NUMBER ? Truth.Failed : truthOf(order === 0);
}

/** java.lang.Boolean#valueOf */
function javaBoolean(text: string): Truth {
  return truthOf(text.length === 4 && text.toLowerCase() === 'true');
}
