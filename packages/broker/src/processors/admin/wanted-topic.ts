/** What a request wants topics to be, and whether they can be so. */
import { isSystemTopic, SystemTopic, topicNameProblem } from '@skylarkmq/message';
import { type Outgoing, type TopicConfig, UpdateAndCreateTopic } from '@skylarkmq/wire';
import { invalidParameter, systemError } from './refusal.ts';
import {
  type AttributeChanges,
  changeAttributes,
  MESSAGE_TYPE_ATTRIBUTE,
  parseAttributeChanges,
} from './topic-attributes.ts';
import type { TopicAdminDeps } from './topic-deps.ts';

const QUEUES_MAX = 65_536;
const PERMISSION_MAX = 7;
const FILTER_TYPES: readonly string[] = ['SINGLE_TAG', 'MULTI_TAG'];

/** What a request wants a topic to be. */
export interface WantedTopic {
  readonly name: string;
  readonly config: TopicConfig;
  readonly changes: AttributeChanges;
}

export function wantedTopic(ext: ReadonlyMap<string, string>): WantedTopic {
  const wanted = UpdateAndCreateTopic.request.decode(ext);
  const config: TopicConfig = {
    topicName: wanted.topic.trim(),
    readQueueNums: wanted.readQueueNums,
    writeQueueNums: wanted.writeQueueNums,
    perm: wanted.perm,
    topicFilterType: wanted.topicFilterType ?? 'SINGLE_TAG',
    topicSysFlag: wanted.topicSysFlag ?? 0,
    order: wanted.order,
    attributes: new Map(),
  };
  return {
    name: config.topicName,
    config,
    changes: parseAttributeChanges(wanted.attributes ?? ''),
  };
}

/** The topics as they will be, or why not. */
export function acceptableTopics(
  wanted: readonly WantedTopic[],
  deps: TopicAdminDeps,
): TopicConfig[] | Outgoing {
  const { topics } = deps;
  const configs: TopicConfig[] = [];
  for (const { config, changes } of wanted) {
    const problem = nameProblem(config.topicName, deps) ?? shapeProblem(config);
    if (problem !== undefined) return invalidParameter(problem);
    const isMixed = changes.get(`+${MESSAGE_TYPE_ATTRIBUTE}`) === 'MIXED';
    if (isMixed && !deps.settings().enableMixedMessageType) {
      return invalidParameter('MIXED message type is not supported.');
    }
    const current = topics.get(config.topicName)?.attributes;
    configs.push({ ...config, attributes: changeAttributes(current, changes) });
  }
  const full = quotaProblem(configs, deps);
  return full === undefined ? configs : systemError(full);
}

export function nameProblem(topic: string, deps: TopicAdminDeps): string | undefined {
  const problem = topicNameProblem(topic);
  if (problem !== undefined) return problem;
  const isOurs = systemTopicNames(deps).has(topic) || isSystemTopic(topic);
  if (!isOurs || !deps.settings().validateSystemTopicWhenUpdateTopic) return undefined;
  return `The topic[${topic}] is conflict with system topic.`;
}

function shapeProblem(config: TopicConfig): string | undefined {
  const { readQueueNums, writeQueueNums, perm, topicFilterType, topicName } = config;
  for (const queues of [readQueueNums, writeQueueNums]) {
    if (queues < 0 || queues > QUEUES_MAX) {
      return `Topic ${topicName} cannot have ${queues} queues: want 0 to ${QUEUES_MAX}`;
    }
  }
  if (perm < 0 || perm > PERMISSION_MAX) {
    return `Topic ${topicName} cannot have permission ${perm}: 2 is write, 4 read, 6 both`;
  }
  if (FILTER_TYPES.includes(topicFilterType)) return undefined;
  return `topicFilterType = [${topicFilterType}] value invalid`;
}

function quotaProblem(configs: readonly TopicConfig[], deps: TopicAdminDeps): string | undefined {
  const fresh = configs.filter(({ topicName }) => deps.topics.get(topicName) === undefined).length;
  const { topicsMax } = deps.settings();
  if (fresh === 0 || deps.topics.all().size + fresh <= topicsMax) return undefined;
  const cure = 'delete topics that nobody uses or raise topicsMax';
  return `The broker has ${deps.topics.all().size} of at most ${topicsMax} topics: ${cure}`;
}

/** RocketMQ: TopicValidator#SYSTEM_TOPIC_SET, as a broker fills it. */
export function systemTopicNames({ identity, settings }: TopicAdminDeps): ReadonlySet<string> {
  const { brokerName, brokerClusterName: cluster } = identity;
  return new Set([
    SystemTopic.Default,
    SystemTopic.Schedule,
    SystemTopic.Benchmark,
    SystemTopic.TransactionHalf,
    SystemTopic.TransactionOperation,
    SystemTopic.TransactionCheckMax,
    settings().msgTraceTopicName,
    SystemTopic.SelfTest,
    SystemTopic.OffsetMoved,
    SystemTopic.Timer,
    SystemTopic.ReviveLogPrefix + cluster,
    SystemTopic.SyncBrokerMemberPrefix + brokerName,
    cluster + SystemTopic.ReplySuffix,
    cluster,
    brokerName,
  ]);
}
