import { type Outgoing, ResponseCode, type StaticTopic } from '@skylarkmq/wire';

/** The client then asks the name server again. Official words first. */
// RocketMQ: TopicQueueMappingManager#rewriteRequestForStaticTopic
export function notLeader({ topic, brokerName }: StaticTopic, queueId: number): Outgoing {
  const official = `${topic}-${queueId} does not exit in request process of current broker`;
  const cause = 'it is at another broker or on its way to one; look at the route again';
  return {
    code: ResponseCode.NotLeaderForQueue,
    remark: `${official} ${brokerName}. Cause: ${cause}.`,
  };
}
