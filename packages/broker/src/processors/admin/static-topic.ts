/** Making and moving static topics: code 513. */
import { MqError } from '@skylarkmq/base';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  decodeStaticTopicBody,
  type Outgoing,
  RequestCode,
  type StaticTopic,
  UpdateAndCreateTopic,
} from '@skylarkmq/wire';
import { changedStaticTopic, staticTopicProblem } from '../../static-topic/check-static-topic.ts';
import { invalidParameter, SUCCESS, systemError } from './refusal.ts';
import type { TopicAdminDeps } from './topic-deps.ts';
import { acceptableTopics, type WantedTopic, wantedTopic } from './wanted-topic.ts';

export function registerStaticTopicHandlers(server: RemotingServer, deps: TopicAdminDeps): void {
  server.register(RequestCode.UpdateAndCreateStaticTopic, (command) => {
    const isForced = UpdateAndCreateTopic.request.decode(command.ext).force === true;
    const wanted = wantedTopic(command.ext);
    return update(wanted, decodeBody(command.body), isForced, deps);
  });
}

function decodeBody(body: Buffer | null): StaticTopic {
  try {
    return decodeStaticTopicBody(body);
  } catch (error) {
    const { code, message } = MqError.from(error);
    throw new MqError(code, `The body is no mapping of a static topic: ${message}`);
  }
}

// RocketMQ: AdminBrokerProcessor#updateAndCreateStaticTopic
async function update(
  wanted: WantedTopic,
  mapping: StaticTopic,
  isForced: boolean,
  deps: TopicAdminDeps,
): Promise<Outgoing> {
  const { topics, staticTopics, identity, store, logger } = deps;
  const configs = acceptableTopics([wanted], deps);
  if ('code' in configs) return configs;
  const [config] = configs;
  if (config === undefined || mapping.topic !== config.topicName) {
    return invalidParameter(`The mapping is for topic ${mapping.topic}, not ${wanted.name}`);
  }
  const topic = config.topicName;
  const problem = staticTopicProblem(mapping, identity.brokerName);
  if (problem !== undefined) return systemError(`Topic ${topic}: ${problem}`);
  const known = staticTopics.get(topic);
  const changed = changedStaticTopic(known ?? undefined, mapping, isForced);
  if (typeof changed === 'string') return systemError(`Topic ${topic}: ${changed}`);
  staticTopics.put(changed);
  try {
    await staticTopics.saved();
  } catch (error) {
    if (known === null) staticTopics.delete(topic);
    else staticTopics.put(known);
    throw error;
  }
  // Whoever moves queues looks next how far they go: what was taken before counts.
  await store.flush();
  if (!topics.put(config)) topics.touch(topic);
  await topics.saved();
  logger.info({ topic, epoch: changed.epoch, isForced }, 'Static topic changed');
  await deps.announce();
  return SUCCESS;
}
