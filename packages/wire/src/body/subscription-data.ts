import {
  type JsonInputObject,
  type JsonValue,
  jsonArrayOr,
  jsonBooleanOr,
  jsonNumber,
  jsonNumberOr,
  jsonObject,
  jsonString,
  jsonStringOr,
} from '@skylarkmq/base';

/** What a group wants of a topic. */
export interface SubscriptionData {
  readonly topic: string;
  /** `*`, or tags with `||` between, or an SQL92 condition. */
  readonly subString: string;
  /** TAG or SQL92. */
  readonly expressionType: string;
  /**
   * Time of the last change; larger is newer. The Go client counts in nanoseconds: beyond 2^53
   * it is the nearest number, which keeps the order.
   */
  readonly subVersion: number;
  readonly tagsSet: readonly string[];
  /** Java hashes of the tags. */
  readonly codeSet: readonly number[];
  readonly classFilterMode: boolean;
}

export function decodeSubscriptionData(value: JsonValue | undefined): SubscriptionData {
  const object = jsonObject(value, 'subscription');
  return {
    topic: jsonString(object.get('topic'), 'topic'),
    subString: jsonStringOr(object.get('subString'), 'subString', '*'),
    expressionType: jsonStringOr(object.get('expressionType'), 'expressionType', '') || 'TAG',
    subVersion: versionOf(object.get('subVersion')),
    tagsSet: jsonArrayOr(object.get('tagsSet'), 'tagsSet').map((one) => jsonString(one, 'tag')),
    codeSet: jsonArrayOr(object.get('codeSet'), 'codeSet').map(codeOf),
    classFilterMode: jsonBooleanOr(object.get('classFilterMode'), 'classFilterMode', false),
  };
}

export function subscriptionDataJson(subscription: SubscriptionData): JsonInputObject {
  return {
    classFilterMode: subscription.classFilterMode,
    codeSet: subscription.codeSet,
    expressionType: subscription.expressionType,
    subString: subscription.subString,
    subVersion: subscription.subVersion,
    tagsSet: subscription.tagsSet,
    topic: subscription.topic,
  };
}

function versionOf(value: JsonValue | undefined): number {
  return typeof value === 'bigint' ? Number(value) : jsonNumberOr(value, 'subVersion', 0);
}

/** The Go client sends the hashes as strings. */
function codeOf(value: JsonValue): number {
  const isText = typeof value === 'string' && /^-?\d{1,10}$/.test(value);
  return isText ? Number(value) : jsonNumber(value, 'code');
}
