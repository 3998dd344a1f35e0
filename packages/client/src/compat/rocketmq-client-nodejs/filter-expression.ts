import type { SubscriptionOptions } from '../../consumer/subscription.ts';

/** How a filter is written. */
export const FilterType = { FILTER_TYPE_UNSPECIFIED: 0, TAG: 1, SQL: 2 } as const;

export type FilterType = (typeof FilterType)[keyof typeof FilterType];

/** Which messages of a topic are wanted. */
export class FilterExpression {
  /** All of them. */
  static readonly SUB_ALL: FilterExpression = new FilterExpression('*');

  readonly expression: string;
  readonly filterType: FilterType;

  constructor(expression: string, filterType: FilterType = FilterType.TAG) {
    this.expression = expression;
    this.filterType = filterType;
  }

  equals(other: FilterExpression): boolean {
    return this.expression === other.expression && this.filterType === other.filterType;
  }

  toString(): string {
    return `FilterExpression(${this.filterType},${this.expression})`;
  }
}

/** Topics with their filters, as programs give them. */
export type Subscriptions = ReadonlyMap<string, FilterExpression | string>;

/** Ours. */
export function toSubscriptions(subscriptions: Subscriptions): readonly SubscriptionOptions[] {
  return [...subscriptions].map(([topic, filter]) => {
    if (typeof filter === 'string') return { topic, tags: filter };
    const { expression, filterType } = filter;
    return filterType === FilterType.SQL ? { topic, sql: expression } : { topic, tags: expression };
  });
}
