/**
 * What each request code needs. Where Apache 5.5.0 has a rule, it is this one; where it has none,
 * and lets every user do it, ours is marked. A code that is not here is for super users only.
 */
import {
  batchAck,
  changeDeadLetters,
  checkClientConfig,
  createGroup,
  createGroups,
  createTopics,
  heartbeat,
  liteSubscriptions,
  lockBatch,
  queryAssignment,
  readDeadLetters,
  setRequestMode,
} from './body-rules.ts';
import {
  anyUser,
  both,
  cluster,
  clusterField,
  group,
  ifGiven,
  ifPresent,
  names,
  poppedTopic,
  type Rule,
  routeOf,
  sendTo,
  topic,
  topicAsIs,
  topicUnlessRetry,
} from './rule.ts';

const readCluster = cluster('Get');
const changeCluster = cluster('Update');
/** Whole tables of the cluster. Apache lets every user read them. */
const readTable = cluster('Get', 'List');

const pull = both(topicUnlessRetry('topic', 'Sub'), group('consumerGroup', 'Sub'));
const consume = both(group('consumerGroup', 'Sub'), topic('topic', 'Sub'));
/** What was popped: its receipts name the retry topic. */
const settle = both(group('consumerGroup', 'Sub'), poppedTopic('topic', 'consumerGroup', 'Sub'));
const topicOfGroup = both(topic('topic', 'Get'), ifPresent('group', group('group', 'Get')));

/** What producers and consumers ask. */
// RocketMQ: DefaultAuthorizationContextBuilder#build
const CLIENTS: readonly (readonly [number, Rule])[] = [
  [10, sendTo('topic')],
  [310, sendTo('b')],
  [320, sendTo('b')],
  // Replies go to one client that waits for them; Apache has no rule either.
  [324, anyUser],
  [325, anyUser],
  [11, pull],
  // Ours: as an ordinary pull.
  [361, pull],
  [12, topicAsIs('topic', 'Sub', 'Get')],
  [14, both(topicUnlessRetry('topic', 'Sub', 'Get'), group('consumerGroup', 'Sub', 'Get'))],
  [15, both(topicUnlessRetry('topic', 'Sub', 'Update'), group('consumerGroup', 'Sub', 'Update'))],
  [34, heartbeat],
  [35, ifGiven('consumerGroup', group('consumerGroup', 'Sub'))],
  [36, group('group', 'Sub')],
  [37, ifGiven('topic', topicAsIs('topic', 'Pub'))],
  [38, group('consumerGroup', 'Sub', 'Get')],
  [41, lockBatch],
  [42, lockBatch],
  // Ours.
  [46, checkClientConfig],
  [105, routeOf('topic')],
  // Ours: clients and tools begin with it.
  [106, anyUser],
  [370, topicAsIs('topic', 'Pub')],
  // Ours.
  [400, queryAssignment],
  [401, setRequestMode],
  [402, readTable],
  [200_050, consume],
  [200_051, settle],
  [200_052, consume],
  [200_053, settle],
  [200_054, consume],
  [200_055, both(group('consumerGroup', 'Get'), topic('topic', 'Get'))],
  // Ours.
  [200_056, changeCluster],
  [200_070, consume],
  // Ours, down to 200079.
  [200_071, liteSubscriptions],
  [200_075, topic('topic', 'Get')],
  [200_076, topic('parentTopic', 'Get')],
  [200_077, both(group('group', 'Get'), topic('parentTopic', 'Get'))],
  [200_078, group('group', 'Get')],
  [200_079, group('group', 'Update')],
  [200_151, batchAck],
];

/** Questions and changes about one topic or group. */
const TOPICS_AND_GROUPS: readonly (readonly [number, Rule])[] = [
  [17, topic('topic', 'Create')],
  // Ours.
  [18, createTopics],
  [29, topic('topic', 'Get')],
  [30, topic('topic', 'Get')],
  [31, topic('topic', 'Get')],
  [32, topic('topic', 'Get')],
  // Without a topic it can be any message: ours then asks for the cluster.
  [33, ifGiven('topic', topic('topic', 'Get'), readCluster)],
  // Ours.
  [200, createGroup],
  [202, topic('topic', 'Get')],
  [203, group('consumerGroup', 'Get')],
  [207, group('groupName', 'Delete')],
  [
    208,
    both(
      group('consumerGroup', 'Get'),
      ifPresent('topic', topic('topic', 'Get')),
      names('Topic', 'topicList', ';', 'Get'),
    ),
  ],
  [215, topic('topic', 'Delete')],
  [222, both(ifPresent('group', group('group', 'Update')), topic('topic', 'Update'))],
  [223, topicOfGroup],
  // Ours.
  [225, createGroups],
  [300, topic('topic', 'Get')],
  [303, topicOfGroup],
  [307, group('consumerGroup', 'Get')],
  [
    308,
    both(
      names('Group', 'filterGroups', ',', 'Get'),
      ifPresent('compareGroup', group('compareGroup', 'Get')),
      ifPresent('topic', topic('topic', 'Get')),
    ),
  ],
  [309, both(group('consumerGroup', 'Sub'), ifPresent('topic', topic('topic', 'Sub')))],
  [314, both(group('destGroup', 'Update'), ifPresent('topic', topic('topic', 'Update')))],
  [321, both(topic('topic', 'Get'), ifPresent('consumerGroup', group('consumerGroup', 'Get')))],
  [323, ifPresent('topic', topic('topic', 'Update'))],
  [343, group('group', 'Get')],
  [345, both(group('group', 'Get'), ifPresent('topic', topic('topic', 'Get')))],
  [351, topic('topic', 'Get')],
  [352, group('group', 'Get')],
  [353, both(group('group', 'Update'), ifPresent('topic', topic('topic', 'Update')))],
  [354, ifPresent('topic', topic('topic', 'Get'))],
  // Ours.
  [513, topic('topic', 'Create')],
  // Ours, codes too.
  [610_001, readDeadLetters],
  [610_002, changeDeadLetters],
];

const READ_CLUSTER: readonly number[] = [
  ...[101, 204, 219, 315, 317, 328, 355, 1004],
  ...[3004, 3005, 3009, 3010],
  // Ours.
  ...[26, 28, 52, 54, 60, 61, 319, 907, 1007, 200_074],
];

/** Ours: Apache has no rule, or one that names no resource. */
const READ_TABLE: readonly number[] = [...[21, 43, 45, 201, 206, 224, 304, 305, 311, 312, 313]];

const CHANGE_CLUSTER: readonly number[] = [
  ...[100, 102, 205, 217, 327, 902, 905, 906, 908, 1001, 1008],
  ...[3001, 3002, 3003, 3006, 3007, 3008],
  // Ours.
  ...[25, 50, 51, 53, 306, 316, 318, 329, 5001],
];

/** Between servers; the request names the cluster. */
const SERVERS: readonly (readonly [number, Rule])[] = [
  [103, clusterField('clusterName', 'Update')],
  [104, clusterField('clusterName', 'Update')],
  [216, ifGiven('clusterName', clusterField('clusterName', 'Update'), changeCluster)],
  [322, clusterField('clusterName', 'Get')],
  [901, clusterField('clusterName', 'Get')],
  [903, clusterField('brokerClusterName', 'Update')],
  [904, clusterField('clusterName', 'Update')],
  [1002, clusterField('clusterName', 'Update')],
  [1003, clusterField('clusterName', 'Update')],
  [1011, clusterField('clusterName', 'Update')],
  [1012, clusterField('clusterName', 'Get')],
  [1013, clusterField('clusterName', 'Update')],
];

export const ACCESS_RULES: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  ...CLIENTS,
  ...TOPICS_AND_GROUPS,
  ...SERVERS,
  ...READ_CLUSTER.map((code) => [code, readCluster] as const),
  ...READ_TABLE.map((code) => [code, readTable] as const),
  ...CHANGE_CLUSTER.map((code) => [code, changeCluster] as const),
]);
