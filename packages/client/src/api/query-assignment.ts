import {
  decodeQueueAssignments,
  encodeAssignmentQuery,
  encodeMessageRequestSetting,
  MessageRequestMode,
  type QueueAssignment,
  RequestCode,
} from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';

/** Asks a broker which queues of a topic this member of a group is to read, and how. */
// RocketMQ: MQClientAPIImpl#queryAssignment
export async function queryAssignment(
  requester: Requester,
  address: string,
  query: { readonly group: string; readonly topic: string; readonly strategy: string },
): Promise<readonly QueueAssignment[]> {
  const body = encodeAssignmentQuery({
    topic: query.topic,
    consumerGroup: query.group,
    clientId: requester.clientId,
    strategyName: query.strategy,
    messageModel: 'CLUSTERING',
  });
  const answer = await requester.request(address, { code: RequestCode.QueryAssignment, body });
  expectSuccess(answer, `The query for queues of ${query.topic}`);
  return answer.body === null ? [] : decodeQueueAssignments(answer.body);
}

/** Has a broker let a group pop from a topic. */
// RocketMQ: QueryAssignmentProcessor#setMessageRequestMode
export async function setPopMode(
  requester: Requester,
  address: string,
  setting: { readonly group: string; readonly topic: string; readonly shareQueues: number },
): Promise<void> {
  const body = encodeMessageRequestSetting({
    topic: setting.topic,
    consumerGroup: setting.group,
    mode: MessageRequestMode.Pop,
    popShareQueueNum: setting.shareQueues,
  });
  const answer = await requester.request(address, {
    code: RequestCode.SetMessageRequestMode,
    body,
  });
  expectSuccess(answer, `The change of ${setting.topic} to POP for group ${setting.group}`);
}
