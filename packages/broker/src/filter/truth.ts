/**
 * What a condition says of a message. Numbers, because a filter runs for each message: no objects,
 * no exceptions. `Failed` stands for an exception of RocketMQ's evaluation, which ends it wherever
 * it happens: such a message is not matched.
 */
export const Truth = { No: 0, Yes: 1, Unknown: 2, Failed: 3 } as const;

export type Truth = (typeof Truth)[keyof typeof Truth];

/** Asks for the record that is loaded. */
export type Condition = () => Truth;

/** Whether all hold. RocketMQ: LogicExpression#createAND */
export function allOf(conditions: readonly Condition[]): Condition {
  const [first, second] = conditions;
  if (conditions.length === 2 && first !== undefined && second !== undefined) {
    return () => {
      const left = first();
      if (left === Truth.No || left === Truth.Failed) return left;
      const right = second();
      return right === Truth.Yes ? left : right;
    };
  }
  return () => {
    let result: Truth = Truth.Yes;
    for (const condition of conditions) {
      const one = condition();
      if (one === Truth.No || one === Truth.Failed) return one;
      if (one === Truth.Unknown) result = one;
    }
    return result;
  };
}

/** Whether one holds. RocketMQ: LogicExpression#createOR */
export function oneOf(conditions: readonly Condition[]): Condition {
  return () => {
    let result: Truth = Truth.No;
    for (const condition of conditions) {
      const one = condition();
      if (one === Truth.Yes || one === Truth.Failed) return one;
      if (one === Truth.Unknown) result = one;
    }
    return result;
  };
}

/** RocketMQ: UnaryExpression#createNOT */
export function not(condition: Condition): Condition {
  return () => {
    const truth = condition();
    if (truth === Truth.Yes) return Truth.No;
    return truth === Truth.No ? Truth.Yes : truth;
  };
}

export function truthOf(value: boolean): Truth {
  return value ? Truth.Yes : Truth.No;
}

/** A condition that says always the same. */
export function always(truth: Truth): Condition {
  return () => truth;
}
