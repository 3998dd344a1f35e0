/** Making, changing, removing and listing topics. */
import { popRetryTopic } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  DeleteTopicInBroker,
  decodeTopicConfigList,
  encodeTopicList,
  type Outgoing,
  RequestCode,
  type TopicConfig,
  UpdateAndCreateTopic,
} from '@skylarkmq/wire';
import { invalidParameter, SUCCESS } from './refusal.ts';
import { registerStaticTopicHandlers } from './static-topic.ts';
import type { AdminTopics, TopicAdminDeps } from './topic-deps.ts';
import { registerTopicQueryHandlers } from './topic-query.ts';
import {
  acceptableTopics,
  nameProblem,
  systemTopicNames,
  type WantedTopic,
  wantedTopic,
} from './wanted-topic.ts';

export function registerTopicHandlers(server: RemotingServer, deps: TopicAdminDeps): void {
  server.register(UpdateAndCreateTopic.code, (command) =>
    updateTopics([wantedTopic(command.ext)], deps),
  );
  server.register(RequestCode.UpdateAndCreateTopicList, (command) => {
    const wanted = decodeTopicConfigList(command.body).map((config) => ({
      name: config.topicName,
      config: { ...config, attributes: new Map<string, string>() },
      changes: config.attributes,
    }));
    return updateTopics(wanted, deps);
  });
  server.register(DeleteTopicInBroker.code, async (command) => {
    const topic = DeleteTopicInBroker.request.decode(command.ext).topic.trim();
    const problem = nameProblem(topic, deps);
    if (problem !== undefined) return invalidParameter(problem);
    await deleteTopic(topic, deps);
    return SUCCESS;
  });
  server.register(RequestCode.CleanUnusedTopic, async () => {
    const gone = await deps.store.cleanUnusedTopics(
      (topic) => deps.topics.get(topic) !== undefined,
    );
    deps.logger.info({ topics: gone.length }, 'Queues of topics that no longer exist are removed');
    return SUCCESS;
  });
  server.register(RequestCode.DeleteExpiredCommitlog, async () => {
    const files = await deps.store.deleteExpiredFiles();
    deps.logger.info({ files }, 'Expired files are removed by request');
    return SUCCESS;
  });
  // The store trims queues together with the log: there is never anything left to remove.
  server.register(RequestCode.CleanExpiredConsumequeue, () => SUCCESS);
  server.register(RequestCode.GetSystemTopicListFromBroker, () => ({
    code: SUCCESS.code,
    body: encodeTopicList(systemTopicNames(deps)),
  }));
  registerStaticTopicHandlers(server, deps);
  registerTopicQueryHandlers(server, deps);
}

/** All or none. RocketMQ: AdminBrokerProcessor#updateAndCreateTopic and ...TopicList */
async function updateTopics(
  wanted: readonly WantedTopic[],
  deps: TopicAdminDeps,
): Promise<Outgoing> {
  const { topics } = deps;
  const configs = acceptableTopics(wanted, deps);
  if ('code' in configs) return configs;
  const before = configs.map(({ topicName }) => topics.get(topicName));
  const changed = configs.filter((config) => topics.put(config));
  if (changed.length === 0) return SUCCESS;
  try {
    await topics.saved();
  } catch (error) {
    // Nobody may rely on what a restart would forget.
    for (const [index, { topicName }] of configs.entries())
      restore(topicName, before[index], topics);
    throw error;
  }
  deps.logger.info({ topics: changed.map(({ topicName }) => topicName) }, 'Topics changed');
  await deps.announce();
  return SUCCESS;
}

function restore(topic: string, config: TopicConfig | undefined, topics: AdminTopics): void {
  if (config === undefined) topics.delete(topic);
  else topics.put(config);
}

async function deleteTopic(topic: string, deps: TopicAdminDeps): Promise<void> {
  const { topics, offsets, stats, store, pop } = deps;
  const names = [topic];
  if (deps.settings().clearRetryTopicWhenDeleteTopic) {
    for (const group of offsets.groupsOf(topic)) {
      names.push(popRetryTopic(group, topic, 1), popRetryTopic(group, topic, 2));
    }
  }
  for (const name of names) {
    if (!topics.delete(name) && name !== topic) continue;
    deps.staticTopics.delete(name);
    offsets.removeTopic(name);
    pop.removeTopic(name);
    if (deps.settings().autoDeleteUnusedStats) stats.removeTopic(name);
    await store.deleteTopic(name);
  }
  await deps.staticTopics.saved();
  await topics.saved();
  deps.logger.info({ topic }, 'Topic removed');
  await deps.announce();
}
