/** Sets the offsets of a group back or forward, as of a time. */

import type { RemotingServer } from '@skylarkmq/remoting';
import {
  type Command,
  encodeResetOffsetList,
  encodeResetOffsets,
  InvokeBrokerToResetOffset,
  type InvokeBrokerToResetOffsetRequest,
  languageName,
  MqVersion,
  type Outgoing,
  type QueueOffset,
  ResetConsumerClientOffset,
  ResponseCode,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { ProgressAdminDeps } from './progress-deps.ts';
import { systemError } from './refusal.ts';

type ResetRequest = InvokeBrokerToResetOffsetRequest;

export function registerResetHandlers(server: RemotingServer, deps: ProgressAdminDeps): void {
  server.register(InvokeBrokerToResetOffset.code, (command) => {
    const request = InvokeBrokerToResetOffset.request.decode(command.ext);
    return deps.settings().useServerSideResetOffset
      ? resetHere(request, deps)
      : resetAtConsumers(request, command, deps);
  });
}

/**
 * The offset is set here at once, and the group's next pull of each queue is told to begin there.
 * RocketMQ: AdminBrokerProcessor#resetOffsetInner
 */
async function resetHere(request: ResetRequest, deps: ProgressAdminDeps): Promise<Outgoing> {
  const { topic, group } = request;
  const config = deps.topics.get(topic);
  if (config === undefined) {
    return { code: ResponseCode.TopicNotExist, remark: `Topic ${topic} does not exist` };
  }
  if (deps.groups.get(group) === undefined) {
    const remark = `Group ${group} does not exist`;
    return { code: ResponseCode.SubscriptionGroupNotExist, remark };
  }
  const targets = await targetOffsets(request, config, deps);
  if (typeof targets === 'string') return systemError(targets);
  for (const { queue, offset } of targets) deps.offsets.reset(group, topic, queue.queueId, offset);
  const queues = targets.length;
  deps.logger.info({ group, topic, timestamp: request.timestamp, queues }, 'Offsets are reset');
  return { code: ResponseCode.Success, body: encodeResetOffsets(targets) };
}

/** Targets by queue, or why there are none. */
async function targetOffsets(
  request: ResetRequest,
  config: TopicConfig,
  deps: ProgressAdminDeps,
): Promise<QueueOffset[] | string> {
  const { queueId = -1, offset = -1, topic } = request;
  const queueOffset = (id: number, at: number): QueueOffset => ({
    queue: { topic, brokerName: deps.identity.brokerName, queueId: id },
    offset: at,
  });
  if (queueId < 0) {
    const targets: QueueOffset[] = [];
    for (let id = 0; id < config.readQueueNums; id++) {
      targets.push(queueOffset(id, await offsetAt(topic, id, request.timestamp, deps)));
    }
    return targets;
  }
  if (queueId >= config.readQueueNums) {
    return `Queue ${queueId} does not exist: topic ${topic} has ${config.readQueueNums} queues`;
  }
  if (offset === -1) {
    return [queueOffset(queueId, await offsetAt(topic, queueId, request.timestamp, deps))];
  }
  const min = deps.store.minOffset(topic, queueId);
  const max = deps.store.maxOffset(topic, queueId);
  if (offset >= min && offset <= max + 1) return [queueOffset(queueId, offset)];
  return `Target offset ${offset} not in consume queue range [${min}-${max}]`;
}

/** A negative time is the end. */
async function offsetAt(
  topic: string,
  queueId: number,
  timestamp: number,
  { store }: ProgressAdminDeps,
): Promise<number> {
  if (timestamp < 0) return store.maxOffset(topic, queueId);
  return Math.max(0, await store.offsetByTime(topic, queueId, timestamp));
}

/**
 * The older way: every consumer of the group is told to set its own offsets.
 * RocketMQ: Broker2Client#resetOffset
 */
async function resetAtConsumers(
  request: ResetRequest,
  command: Command,
  deps: ProgressAdminDeps,
): Promise<Outgoing> {
  const { topic, group, timestamp, isForce } = request;
  const config = deps.topics.get(topic);
  if (config === undefined) {
    return systemError(
      `[reset-offset] reset offset failed, no topic in this broker. topic=${topic}`,
    );
  }
  const targets: QueueOffset[] = [];
  for (let queueId = 0; queueId < config.writeQueueNums; queueId++) {
    const committed = deps.offsets.query(group, topic, queueId);
    if (committed < 0) return systemError(`THe consumer group <${group}> not exist`);
    const target = await offsetAt(topic, queueId, timestamp, deps);
    const offset = isForce || target < committed ? target : committed;
    targets.push({ queue: { topic, brokerName: deps.identity.brokerName, queueId }, offset });
  }
  const clients = [...(deps.consumers.group(group)?.clients.values() ?? [])];
  if (clients.length === 0) {
    const what = `Group: ${group} Topic: ${topic} Timestamp: ${timestamp}`;
    const remark = `Consumer not online, so can not reset offset, ${what}`;
    return { code: ResponseCode.ConsumerNotOnline, remark };
  }
  const old = clients.find(({ version }) => version < MqVersion.V3_0_7);
  if (old !== undefined) {
    return systemError(`the client does not support this feature. version=${old.version}`);
  }
  const isCpp = languageName(command.language) === 'CPP';
  // What is sent is what was decided: Apache leaves the flag out of it, too.
  const told = { topic, group, timestamp, isForce: false };
  const ext = ResetConsumerClientOffset.request.encode(told);
  const body = isCpp ? encodeResetOffsetList(targets) : encodeResetOffsets(targets);
  for (const { connection } of clients) {
    connection.invokeOneway({ code: ResetConsumerClientOffset.code, ext, body });
  }
  return { code: ResponseCode.Success, body: encodeResetOffsets(targets) };
}
