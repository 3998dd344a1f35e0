/** Rules for names of topics and groups, and the names with a meaning. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

export const TOPIC_LENGTH_MAX = 127;
/** Retry and dead letter topics carry a group's name and more. */
export const DERIVED_TOPIC_LENGTH_MAX = 255;
export const GROUP_LENGTH_MAX = 120;

export const RETRY_PREFIX = '%RETRY%';
export const DLQ_PREFIX = '%DLQ%';
export const LMQ_PREFIX = '%LMQ%';
const LITE_PREFIX = '%LMQ%$';
export const SYSTEM_PREFIX = 'rmq_sys_';

/** Topics that the platform itself owns. */
export const SystemTopic = {
  /** The template of topics that are made automatically. */
  Default: 'TBW102',
  Schedule: 'SCHEDULE_TOPIC_XXXX',
  Benchmark: 'BenchmarkTest',
  TransactionHalf: 'RMQ_SYS_TRANS_HALF_TOPIC',
  TransactionOperation: 'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  TransactionCheckMax: 'TRANS_CHECK_MAX_TIME_TOPIC',
  Trace: 'RMQ_SYS_TRACE_TOPIC',
  SelfTest: 'SELF_TEST_TOPIC',
  OffsetMoved: 'OFFSET_MOVED_EVENT',
  Timer: 'rmq_sys_wheel_timer',
  ReviveLogPrefix: 'rmq_sys_REVIVE_LOG_',
  /** Ours: what became of dead letters (docs/formats/dead-letters.md). */
  DeadLetterState: 'rmq_sys_DEAD_LETTER_STATE',
  SyncBrokerMemberPrefix: 'rmq_sys_SYNC_BROKER_MEMBER_',
  ReplySuffix: '_REPLY_TOPIC',
} as const;

const SYSTEM_TOPICS: ReadonlySet<string> = new Set<string>([
  SystemTopic.Default,
  SystemTopic.Schedule,
  SystemTopic.Benchmark,
  SystemTopic.TransactionHalf,
  SystemTopic.TransactionOperation,
  SystemTopic.TransactionCheckMax,
  SystemTopic.Trace,
  SystemTopic.SelfTest,
  SystemTopic.OffsetMoved,
]);

/** Clients may not send to these. RocketMQ: TopicValidator#NOT_ALLOWED_SEND_TOPIC_SET. */
const NOT_ALLOWED_TO_SEND: ReadonlySet<string> = new Set<string>([
  SystemTopic.Schedule,
  SystemTopic.TransactionHalf,
  SystemTopic.TransactionOperation,
  SystemTopic.TransactionCheckMax,
  SystemTopic.SelfTest,
  SystemTopic.OffsetMoved,
  SystemTopic.DeadLetterState,
]);

export function retryTopic(group: string): string {
  return RETRY_PREFIX + group;
}

export function dlqTopic(group: string): string {
  return DLQ_PREFIX + group;
}

export function isRetryTopic(topic: string): boolean {
  return topic.startsWith(RETRY_PREFIX);
}

/** Whether it is the name of a light queue, which is no topic. RocketMQ: MixAll#isLmq */
export function isLmq(name: string): boolean {
  return name.startsWith(LMQ_PREFIX);
}

/** The light queue of a lite topic. RocketMQ: LiteUtil#toLmqName */
export function liteQueueName(parentTopic: string, liteTopic: string): string {
  return `${LITE_PREFIX}${parentTopic}$${liteTopic}`;
}

/** Parent topic and lite topic of a light queue; undefined when it belongs to none. */
// RocketMQ: LiteUtil#getParentAndLiteTopic
export function liteNamesOf(
  queue: string,
): { readonly parentTopic: string; readonly liteTopic: string } | undefined {
  if (!queue.startsWith(LITE_PREFIX)) return undefined;
  const [parentTopic = '', liteTopic = '', more] = queue.slice(LITE_PREFIX.length).split('$');
  if (parentTopic === '' || liteTopic === '' || more !== undefined) return undefined;
  return { parentTopic, liteTopic };
}

export function isDlqTopic(topic: string): boolean {
  return topic.startsWith(DLQ_PREFIX);
}

/** The retry topic of POP consumption: one per group and topic. */
export function popRetryTopic(group: string, topic: string, version: 1 | 2 = 1): string {
  return `${RETRY_PREFIX}${group}${version === 1 ? '_' : '+'}${topic}`;
}

/** The topic that a group popped when this is its retry topic; the topic itself otherwise. */
export function popOriginTopic(topic: string, group: string): string {
  for (const version of [1, 2] as const) {
    const prefix = popRetryTopic(group, '', version);
    if (topic.startsWith(prefix)) return topic.slice(prefix.length);
  }
  return topic;
}

/** The group that a retry or dead letter topic belongs to; the topic itself otherwise. */
export function groupOfTopic(topic: string): string {
  if (isRetryTopic(topic)) return topic.slice(RETRY_PREFIX.length);
  return isDlqTopic(topic) ? topic.slice(DLQ_PREFIX.length) : topic;
}

export function isSystemTopic(topic: string): boolean {
  return SYSTEM_TOPICS.has(topic) || topic.startsWith(SYSTEM_PREFIX);
}

/** Groups that belong to the platform and its tools. */
export function isSystemGroup(group: string): boolean {
  return group.startsWith('CID_RMQ_SYS_');
}

export function isSendAllowed(topic: string): boolean {
  return !NOT_ALLOWED_TO_SEND.has(topic);
}

/** In Apache's words. */
const ILLEGAL = 'contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$';

/** Why a topic's name is not acceptable; undefined when it is. */
export function topicNameProblem(topic: string): string | undefined {
  if (topic.trim() === '') return 'The specified topic is blank.';
  if (!hasOnlyNameUnits(topic)) {
    return `The specified topic: ${topic}, ${ILLEGAL}`;
  }
  const derived = isRetryTopic(topic) || isDlqTopic(topic);
  const max = derived ? DERIVED_TOPIC_LENGTH_MAX : TOPIC_LENGTH_MAX;
  if (topic.length > max) {
    return `The specified topic: ${topic}, is longer than topic max length: ${max}`;
  }
  return undefined;
}

/** Why a group's name is not acceptable; undefined when it is. */
export function groupNameProblem(group: string): string | undefined {
  if (group.trim() === '') return 'The specified group is blank.';
  if (group.length > GROUP_LENGTH_MAX) {
    return `The specified group: ${group}, is longer than group max length: ${GROUP_LENGTH_MAX}`;
  }
  if (!hasOnlyNameUnits(group)) {
    return `The specified group: ${group}, ${ILLEGAL}`;
  }
  return undefined;
}

/** INVALID_ARGUMENT unless the topic's name is acceptable. */
export function validateTopic(topic: string): void {
  requireText('topic', topic);
  const problem = topicNameProblem(topic);
  if (problem !== undefined) throw new MqError(MqErrorCode.InvalidArgument, problem);
}

/** INVALID_ARGUMENT unless the group's name is acceptable. */
export function validateGroup(group: string): void {
  requireText('group', group);
  const problem = groupNameProblem(group);
  if (problem !== undefined) throw new MqError(MqErrorCode.InvalidArgument, problem);
}

/** Calls without TypeScript forget it, or give something else. */
function requireText(what: 'topic' | 'group', name: string): void {
  if (typeof name === 'string') return;
  const text = `A ${what} is required: its name must be a text, not ${typeof name}`;
  throw new MqError(MqErrorCode.InvalidArgument, text);
}

function hasOnlyNameUnits(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    if (!isNameUnit(name.charCodeAt(index))) return false;
  }
  return true;
}

/** Letters, digits, `%`, `|`, `_`, `-`. */
function isNameUnit(unit: number): boolean {
  if (unit >= 97) return unit <= 122 || unit === 124;
  if (unit >= 65) return unit <= 90 || unit === 95;
  return (unit >= 48 && unit <= 57) || unit === 37 || unit === 45;
}
