/** Who reads what: QUERY_ASSIGNMENT (400), SET_MESSAGE_REQUEST_MODE (401) and all modes (402). */
import { isRetryTopic, type MessageQueue } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  type AssignmentQuery,
  decodeAssignmentQuery,
  decodeMessageRequestSetting,
  encodeMessageRequestSettings,
  encodeQueueAssignments,
  MessageRequestMode,
  type MessageRequestSetting,
  type Outgoing,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import { allocateForPop, allocateQueues, STRATEGY_NAMES } from '../assignment/allocate-queues.ts';
import type { ClusterQueues } from '../assignment/cluster-queues.ts';
import type { MessageRequestModes } from '../assignment/message-request-modes.ts';
import type { ConsumerRegistry } from '../consumer-group/consumer-registry.ts';
import type { BrokerSettings } from '../settings.ts';

const BROADCASTING = 'BROADCASTING';

export interface AssignmentDeps {
  readonly modes: MessageRequestModes;
  readonly clusterQueues: ClusterQueues;
  readonly consumers: Pick<ConsumerRegistry, 'clientIds'>;
  settings(): BrokerSettings;
}

export function registerAssignmentHandlers(server: RemotingServer, deps: AssignmentDeps): void {
  server.register(RequestCode.QueryAssignment, (command) =>
    queryAssignment(decodeAssignmentQuery(command.body), deps),
  );
  server.register(RequestCode.SetMessageRequestMode, async (command) => {
    const setting = decodeMessageRequestSetting(command.body);
    // RocketMQ: QueryAssignmentProcessor#setMessageRequestMode
    if (isRetryTopic(setting.topic)) {
      const remark = 'retry topic is not allowed to set mode';
      return { code: ResponseCode.NoPermission, remark };
    }
    await deps.modes.set(setting);
    return { code: ResponseCode.Success };
  });
  server.register(RequestCode.GetAllMessageRequestMode, () => ({
    code: ResponseCode.Success,
    body: encodeMessageRequestSettings(deps.modes.all()),
  }));
}

// RocketMQ: QueryAssignmentProcessor#queryAssignment
async function queryAssignment(query: AssignmentQuery, deps: AssignmentDeps): Promise<Outgoing> {
  const setting = settingOf(query, deps);
  const queues = await deps.clusterQueues.of(query.topic);
  const assigned = assignedQueues(query, setting, queues, deps);
  if (assigned === undefined) {
    const known = STRATEGY_NAMES.join(', ');
    const remark =
      `The broker does not know the strategy ${query.strategyName}, only ${known}: ` +
      'use one of these, or let the client rebalance';
    return { code: ResponseCode.SystemError, remark };
  }
  const { mode } = setting;
  const body = encodeQueueAssignments(assigned.map((messageQueue) => ({ messageQueue, mode })));
  return { code: ResponseCode.Success, body };
}

function settingOf(query: AssignmentQuery, deps: AssignmentDeps): MessageRequestSetting {
  const { topic, consumerGroup } = query;
  const known = deps.modes.get(topic, consumerGroup);
  if (known !== undefined) return known;
  const { defaultMessageRequestMode, defaultPopShareQueueNum } = deps.settings();
  const pops = !isRetryTopic(topic) && defaultMessageRequestMode === MessageRequestMode.Pop;
  const mode = pops ? MessageRequestMode.Pop : MessageRequestMode.Pull;
  return { topic, consumerGroup, mode, popShareQueueNum: defaultPopShareQueueNum };
}

// RocketMQ: QueryAssignmentProcessor#doLoadBalance
function assignedQueues(
  query: AssignmentQuery,
  { mode, popShareQueueNum }: MessageRequestSetting,
  queues: readonly MessageQueue[],
  deps: AssignmentDeps,
): readonly MessageQueue[] | undefined {
  const { serverLoadBalancerEnable } = deps.settings();
  if (query.messageModel === BROADCASTING || !serverLoadBalancerEnable) return queues;
  const { clientId, strategyName } = query;
  const clientIds = deps.consumers.clientIds(query.consumerGroup).sort();
  const sharing = { clientId, clientIds, queues };
  if (mode === MessageRequestMode.Pop) {
    return allocateForPop(strategyName, sharing, popShareQueueNum);
  }
  return allocateQueues(strategyName, sharing);
}
