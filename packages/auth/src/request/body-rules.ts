/** Requests that say in the body what they do. */
import { type JsonValue, jsonArrayOr, jsonObject, jsonStringOr } from '@skylarkmq/base';
import { isRetryTopic } from '@skylarkmq/message';
import type { Access, Action } from '../policy/policy.ts';
import { body, groupAccess, type Rule, topicAccess } from './rule.ts';

const SUB: readonly Action[] = ['Sub'];
const CREATE: readonly Action[] = ['Create'];

/** Producers are not asked: what they may send is checked with each message. */
// RocketMQ: DefaultAuthorizationContextBuilder#build, HEART_BEAT
export const heartbeat: Rule = body((value) =>
  listOf(value, 'consumerDataSet').flatMap((consumer) => [
    groupAccess(textOf(consumer, 'groupName'), SUB),
    ...listOf(consumer, 'subscriptionDataSet').flatMap(subscribed),
  ]),
);

export const lockBatch: Rule = body((value) => [
  groupAccess(textOf(value, 'consumerGroup'), SUB),
  ...listOf(value, 'mqSet').flatMap(subscribed),
]);

export const checkClientConfig: Rule = body((value) => [
  groupAccess(textOf(value, 'group'), SUB),
  ...subscribed(jsonObject(value, 'body').get('subscriptionData') ?? null),
]);

export const queryAssignment: Rule = body((value) => [
  groupAccess(textOf(value, 'consumerGroup'), SUB),
  ...subscribed(value),
]);

export const setRequestMode: Rule = body((value) => [
  groupAccess(textOf(value, 'consumerGroup'), ['Update']),
]);

/** Each change of what a client wants has its group and parent topic. */
export const liteSubscriptions: Rule = body((value) =>
  listOf(value, 'subscriptionSet').flatMap((change) => [
    groupAccess(textOf(change, 'group'), SUB),
    topicAccess(textOf(change, 'topic'), SUB),
  ]),
);

/** What became of the dead letters of a group. */
export const readDeadLetters: Rule = body((value) => [
  groupAccess(textOf(value, 'group'), ['Get']),
]);

export const changeDeadLetters: Rule = body((value) => [
  groupAccess(textOf(value, 'group'), ['Update']),
]);

/** Each acknowledgement has its group `c` and topic `t`, or their long names. */
export const batchAck: Rule = body((value) =>
  listOf(value, 'acks').flatMap((ack) => [
    groupAccess(textOf(ack, 'c') || textOf(ack, 'consumerGroup'), SUB),
    topicAccess(textOf(ack, 't') || textOf(ack, 'topic'), SUB),
  ]),
);

export const createTopics: Rule = body((value) =>
  listOf(value, 'topicConfigList').map((one) => topicAccess(textOf(one, 'topicName'), CREATE)),
);

export const createGroup: Rule = body((value) => [createGroupAccess(value)]);

export const createGroups: Rule = body((value) =>
  listOf(value, 'groupConfigList').map(createGroupAccess),
);

function createGroupAccess(value: JsonValue): Access {
  return groupAccess(textOf(value, 'groupName'), ['Create', 'Update']);
}

/** Retry topics are the group's own. */
function subscribed(value: JsonValue): readonly Access[] {
  const name = textOf(value, 'topic');
  return isRetryTopic(name) ? [] : [{ type: 'Topic', name, actions: SUB }];
}

function textOf(value: JsonValue, name: string): string {
  return value === null ? '' : jsonStringOr(jsonObject(value, 'body').get(name), name, '');
}

function listOf(value: JsonValue, name: string): readonly JsonValue[] {
  return jsonArrayOr(jsonObject(value, 'body').get(name), name);
}
