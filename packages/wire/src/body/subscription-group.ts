import {
  type JsonInputObject,
  type JsonValue,
  jsonBooleanOr,
  jsonNumberOr,
  jsonObject,
  jsonString,
} from '@skylarkmq/base';
import { type DataVersion, dataVersionJson } from './data-version.ts';
import { javaBody, parseBody } from './json-body.ts';

/** One consumer group at one broker. Members that we do not use are kept in `rest`. */
export interface SubscriptionGroup {
  readonly groupName: string;
  readonly consumeEnable: boolean;
  readonly consumeFromMinEnable: boolean;
  readonly consumeBroadcastEnable: boolean;
  readonly consumeMessageOrderly: boolean;
  readonly retryQueueNums: number;
  readonly retryMaxTimes: number;
  readonly brokerId: number;
  readonly whichBrokerWhenConsumeSlowly: number;
  readonly notifyConsumerIdsChangedEnable: boolean;
  readonly groupSysFlag: number;
  readonly consumeTimeoutMinute: number;
  /** Other members (attributes, retry policy, ...) as they were read. */
  readonly rest: ReadonlyMap<string, JsonValue>;
}

const DEFAULT_REST: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['attributes', new Map()],
  ['groupRetryPolicy', new Map([['type', 'CUSTOMIZED']])],
]);

/** A group with the defaults of Apache. */
export function subscriptionGroup(
  groupName: string,
  more: Partial<SubscriptionGroup> = {},
): SubscriptionGroup {
  return {
    groupName,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeBroadcastEnable: true,
    consumeMessageOrderly: false,
    retryQueueNums: 1,
    retryMaxTimes: 16,
    brokerId: 0,
    whichBrokerWhenConsumeSlowly: 1,
    notifyConsumerIdsChangedEnable: true,
    groupSysFlag: 0,
    consumeTimeoutMinute: 15,
    rest: DEFAULT_REST,
    ...more,
  };
}

export function decodeSubscriptionGroup(value: JsonValue | undefined): SubscriptionGroup {
  const object = jsonObject(value, 'group');
  const flag = (name: string, otherwise: boolean): boolean =>
    jsonBooleanOr(object.get(name), name, otherwise);
  const number = (name: string, otherwise: number): number =>
    jsonNumberOr(object.get(name), name, otherwise);
  const known = subscriptionGroup(jsonString(object.get('groupName'), 'groupName'), {
    consumeEnable: flag('consumeEnable', true),
    consumeFromMinEnable: flag('consumeFromMinEnable', true),
    consumeBroadcastEnable: flag('consumeBroadcastEnable', true),
    consumeMessageOrderly: flag('consumeMessageOrderly', false),
    retryQueueNums: number('retryQueueNums', 1),
    retryMaxTimes: number('retryMaxTimes', 16),
    brokerId: number('brokerId', 0),
    whichBrokerWhenConsumeSlowly: number('whichBrokerWhenConsumeSlowly', 1),
    notifyConsumerIdsChangedEnable: flag('notifyConsumerIdsChangedEnable', true),
    groupSysFlag: number('groupSysFlag', 0),
    consumeTimeoutMinute: number('consumeTimeoutMinute', 15),
  });
  const rest = new Map([...object].filter(([name]) => !Object.hasOwn(known, name)));
  return { ...known, rest };
}

export function subscriptionGroupJson(group: SubscriptionGroup): JsonInputObject {
  const { rest, ...known } = group;
  return { ...Object.fromEntries(rest), ...known };
}

/** The content of subscriptionGroup.json. */
export function subscriptionGroupTableJson(
  dataVersion: DataVersion,
  groups: ReadonlyMap<string, SubscriptionGroup>,
  forbidden: ReadonlyMap<string, ReadonlyMap<string, number>>,
): JsonInputObject {
  const table = new Map([...groups].map(([name, one]) => [name, subscriptionGroupJson(one)]));
  return {
    dataVersion: dataVersionJson(dataVersion),
    forbiddenTable: forbidden,
    subscriptionGroupTable: table,
  };
}

/** Body of GET_ALL_SUBSCRIPTIONGROUP_CONFIG. */
export function encodeSubscriptionGroupTable(
  dataVersion: DataVersion,
  groups: ReadonlyMap<string, SubscriptionGroup>,
  forbidden: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Buffer {
  return javaBody(subscriptionGroupTableJson(dataVersion, groups, forbidden));
}

/** Body of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP. */
export function decodeSubscriptionGroupBody(body: Buffer | null): SubscriptionGroup {
  return decodeSubscriptionGroup(parseBody(body));
}

/** Body of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST. */
export function decodeSubscriptionGroupList(body: Buffer | null): SubscriptionGroup[] {
  const list = jsonObject(parseBody(body), 'body').get('groupConfigList');
  return Array.isArray(list) ? list.map(decodeSubscriptionGroup) : [];
}

/** Body of GET_SUBSCRIPTIONGROUP_CONFIG, and of a request to make or change a group. */
export function encodeSubscriptionGroup(group: SubscriptionGroup): Buffer {
  return javaBody(subscriptionGroupJson(group));
}
