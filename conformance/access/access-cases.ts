/** Users, policies and requests, drawn at random: who may do what must be the same everywhere. */
import type { Prng } from '@skylarkmq/base';
import type { Outgoing } from '@skylarkmq/wire';

export interface AccessUser {
  readonly name: string;
  readonly secret: string;
  readonly entries: readonly AccessEntry[];
}

export interface AccessEntry {
  readonly resource: string;
  readonly actions: readonly string[];
  readonly decision: string;
  readonly sourceIps: readonly string[];
}

const TOPICS = ['acl-a', 'acl-ab', 'acl-b', '%RETRY%acl-g'] as const;
const GROUPS = ['acl-g', 'acl-h'] as const;
const RESOURCES = [
  ...['*', 'Topic:*', 'Group:*', 'Cluster:*', 'Cluster:DefaultCluster', 'Cluster:Other'],
  ...['Topic:acl-*', 'Topic:acl-a*', 'Topic:acl-a', 'Topic:acl-b', 'Group:acl-*', 'Group:acl-g'],
];
const ACTIONS = ['All', 'Pub', 'Sub', 'Create', 'Update', 'Delete', 'Get', 'List'];
const SOURCES = [[], [], [], ['127.0.0.0/8'], ['127.0.0.1'], ['10.0.0.0/8']];

/** One who may do everything and one who may do nothing: both answers come, whatever is drawn. */
export const CERTAIN_USERS: readonly AccessUser[] = ['Allow', 'Deny'].map((decision) => ({
  name: `acl-always-${decision}`,
  secret: `acl-secret-${decision}`,
  entries: [{ resource: '*', actions: ['All'], decision, sourceIps: [] }],
}));

export function randomUsers(count: number, prng: Prng): readonly AccessUser[] {
  return Array.from({ length: count }, (_, index) => {
    const resources = new Set(
      Array.from({ length: 1 + prng.below(5) }, () => pick(prng, RESOURCES)),
    );
    return {
      name: `acl-user-${index}`,
      secret: `acl-secret-${index}`,
      entries: [...resources].map((resource) => ({
        resource,
        actions: someOf(prng, ACTIONS),
        decision: prng.below(4) === 0 ? 'Deny' : 'Allow',
        sourceIps: pick(prng, SOURCES),
      })),
    };
  });
}

/** Requests that Apache has a rule for. Each is harmless where it is allowed. */
export function randomRequest(prng: Prng): Outgoing {
  const topic = pick(prng, TOPICS);
  const group = pick(prng, GROUPS);
  const make = pick(prng, TEMPLATES);
  const { code, fields, body } = make(topic, group);
  const ext = new Map(Object.entries(fields));
  return { code, version: 513, ext, ...(body === undefined ? {} : { body: Buffer.from(body) }) };
}

interface Template {
  readonly code: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body?: string;
}

const SEND = { c: 'TBW102', d: '4', e: '0', f: '0', g: '1', h: '0', i: '', j: '0', k: 'false' };
const PULL = {
  ...{ queueId: '0', queueOffset: '0', maxMsgNums: '1', sysFlag: '0', commitOffset: '0' },
  ...{ suspendTimeoutMillis: '0', subscription: '*', subVersion: '0', expressionType: 'TAG' },
};

const TEMPLATES: readonly ((topic: string, group: string) => Template)[] = [
  (b) => ({ code: 310, fields: { a: 'p', b, ...SEND }, body: 'x' }),
  (topic, consumerGroup) => ({ code: 11, fields: { topic, consumerGroup, ...PULL } }),
  (topic) => ({
    code: 12,
    fields: { topic, key: 'k', maxNum: '1', beginTimestamp: '0', endTimestamp: '1' },
  }),
  (topic, consumerGroup) => ({ code: 14, fields: { topic, consumerGroup, queueId: '0' } }),
  (topic, consumerGroup) => ({
    code: 15,
    fields: { topic, consumerGroup, queueId: '0', commitOffset: '0' },
  }),
  (topic) => ({ code: 30, fields: { topic, queueId: '0' } }),
  (topic) => ({ code: 29, fields: { topic, queueId: '0', timestamp: '0' } }),
  (topic, groupName) => ({
    code: 34,
    fields: { x: '1' },
    body: JSON.stringify({
      clientID: 'acl-client',
      producerDataSet: [{ groupName: 'p' }],
      consumerDataSet: [consumerData(topic, groupName)],
    }),
  }),
  (_, consumerGroup) => ({ code: 35, fields: { clientID: 'acl-client', consumerGroup } }),
  (_, consumerGroup) => ({ code: 38, fields: { consumerGroup } }),
  (topic, consumerGroup) => ({
    code: 41,
    fields: { x: '1' },
    body: JSON.stringify({
      ...{ consumerGroup, clientId: 'acl-client' },
      mqSet: [{ topic, brokerName: 'broker-a', queueId: 0 }],
    }),
  }),
  (topic) => ({ code: 202, fields: { topic } }),
  (_, consumerGroup) => ({ code: 203, fields: { consumerGroup } }),
  (topic, consumerGroup) => ({ code: 208, fields: { topic, consumerGroup } }),
  (topic) => ({ code: 300, fields: { topic } }),
  (_, group) => ({ code: 343, fields: { group } }),
  (topic) => ({ code: 351, fields: { topic } }),
  (_, group) => ({ code: 352, fields: { group } }),
  () => ({ code: 315, fields: { statsName: 'none', statsKey: 'none' } }),
  () => ({ code: 3005, fields: { filter: 'nobody' } }),
  () => ({ code: 3003, fields: { username: 'nobody' } }),
  (topic, group) => ({ code: 223, fields: { topic, group, clientAddr: '' } }),
];

function consumerData(topic: string, groupName: string): Readonly<Record<string, unknown>> {
  return {
    ...{ groupName, consumeType: 'CONSUME_PASSIVELY', messageModel: 'CLUSTERING' },
    ...{ consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET', unitMode: false },
    subscriptionDataSet: [{ topic, subString: '*', expressionType: 'TAG', subVersion: 1 }],
  };
}

function someOf(prng: Prng, list: readonly string[]): readonly string[] {
  const some = list.filter(() => prng.below(3) === 0);
  return some.length > 0 ? some : [pick(prng, list)];
}

function pick<Value>(prng: Prng, list: readonly Value[]): Value {
  const value = list[prng.below(list.length)];
  if (value === undefined) throw new Error('The list is empty');
  return value;
}
