/** Members (38), offsets (14, 15) and queue locks (41, 42) of consumer groups. */
import { RecordKind, RecordView } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import {
  decodeLockBatch,
  encodeConsumerList,
  encodeLockOk,
  GetConsumerListByGroup,
  type Outgoing,
  QueryConsumerOffset,
  type QueryConsumerOffsetRequest,
  RequestCode,
  ResponseCode,
  UpdateConsumerOffset,
  type UpdateConsumerOffsetRequest,
} from '@skylarkmq/wire';
import type { ConsumerRegistry } from '../consumer-group/consumer-registry.ts';
import type { QueueLocks } from '../consumer-group/queue-locks.ts';
import type { ConsumerOffsets } from '../offset/consumer-offsets.ts';
import type { LogicalOffsets } from '../static-topic/logical-offsets.ts';
import { notLeader } from '../static-topic/not-leader.ts';
import type { LedQueue } from '../static-topic/queue-parts.ts';
import type { GroupTable } from '../subscription/group-table.ts';
import type { TopicTable } from '../topic/topic-table.ts';

/** Queues that one lock request may name. */
const LOCK_QUEUES_MAX = 100_000;
/**
 * A group without an offset begins at 0 while the queue's first message is not farther from the
 * end of the log than this. RocketMQ: 40 % of the memory; here a fixed size.
 */
const YOUNG_QUEUE_BYTES = 2 * 1024 * 1024 * 1024;
const SUCCESS: Outgoing = { code: ResponseCode.Success };

export interface ConsumerDeps {
  readonly consumers: ConsumerRegistry;
  readonly offsets: ConsumerOffsets;
  readonly locks: QueueLocks;
  readonly topics: Pick<TopicTable, 'get'>;
  readonly groups: Pick<GroupTable, 'get'>;
  readonly logicalOffsets: LogicalOffsets;
  readonly store: Pick<MessageStore, 'findQueue' | 'getMessages' | 'maxPhysicalOffset'>;
}

export function registerConsumerHandlers(server: RemotingServer, deps: ConsumerDeps): void {
  server.register(GetConsumerListByGroup.code, (command) => {
    const { consumerGroup } = GetConsumerListByGroup.request.decode(command.ext);
    const clientIds = deps.consumers.clientIds(consumerGroup);
    if (clientIds.length > 0) {
      return { code: ResponseCode.Success, body: encodeConsumerList(clientIds) };
    }
    const remark = `no consumer for this group, ${consumerGroup}`;
    return { code: ResponseCode.SystemError, remark };
  });
  server.register(QueryConsumerOffset.code, (command) =>
    queryOffset(QueryConsumerOffset.request.decode(command.ext), deps),
  );
  server.register(UpdateConsumerOffset.code, (command, connection) =>
    updateOffset(UpdateConsumerOffset.request.decode(command.ext), connection.remoteAddress, deps),
  );
  server.register(RequestCode.LockBatchMq, (command) => {
    const { consumerGroup, clientId, mqSet } = decodeLockBatch(command.body);
    if (mqSet.length > LOCK_QUEUES_MAX) return tooManyQueues(mqSet.length);
    const locked = deps.locks.lock(consumerGroup, clientId, mqSet);
    return { code: ResponseCode.Success, body: encodeLockOk(locked) };
  });
  server.register(RequestCode.UnlockBatchMq, (command) => {
    const { consumerGroup, clientId, mqSet } = decodeLockBatch(command.body);
    deps.locks.unlock(consumerGroup, clientId, mqSet);
    return SUCCESS;
  });
}

// RocketMQ: ConsumerManageProcessor#queryConsumerOffset
async function queryOffset(
  request: QueryConsumerOffsetRequest,
  deps: ConsumerDeps,
): Promise<Outgoing> {
  const logical = deps.logicalOffsets.queue(request);
  if (logical !== null) {
    return 'code' in logical ? logical : queryLogical(logical, request.consumerGroup, deps);
  }
  const { consumerGroup, topic, queueId, setZeroIfNotFound } = request;
  const offset = deps.offsets.query(consumerGroup, topic, queueId);
  if (offset >= 0) return found(offset);
  if (setZeroIfNotFound === false) {
    return notFound('Not found, do not set to zero, maybe this group boot first');
  }
  if (await isYoung(topic, queueId, deps)) return found(0);
  return notFound('Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first');
}

// RocketMQ: ConsumerManageProcessor#rewriteRequestForStaticTopic
async function queryLogical(queue: LedQueue, group: string, deps: ConsumerDeps): Promise<Outgoing> {
  const offset = await deps.logicalOffsets.committed(queue, group);
  if (offset >= 0) return found(offset);
  const [first] = queue.parts;
  const isWhole = queue.parts.length === 1 && first?.logicOffset === 0;
  if (isWhole && (await isYoung(queue.topic.topic, first.queueId, deps))) return found(0);
  return notFound('Not found, the group has no offset in any part of the logical queue');
}

/** Whether the queue's first message is still there and not long ago. */
async function isYoung(topic: string, queueId: number, deps: ConsumerDeps): Promise<boolean> {
  const { store } = deps;
  const queue = store.findQueue(topic, queueId);
  if (queue === undefined || queue.minOffset > 0 || queue.maxOffset === 0) return false;
  const first = await store.getMessages(queue, 0, 1, 1, null);
  try {
    const view = new RecordView();
    const [slice] = first.slices;
    if (slice === undefined || view.at(slice, 0) !== RecordKind.Record) return false;
    return store.maxPhysicalOffset - view.physicalOffset <= YOUNG_QUEUE_BYTES;
  } finally {
    first.release();
  }
}

// RocketMQ: ConsumerManageProcessor#updateConsumerOffset
function updateOffset(
  request: UpdateConsumerOffsetRequest,
  by: string,
  deps: ConsumerDeps,
): Outgoing | Promise<Outgoing> {
  const logical = deps.logicalOffsets.queue(request);
  if (logical === null) return updatePhysical(request, by, deps);
  if ('code' in logical) return logical;
  const place = deps.logicalOffsets.commitPlace(logical, request.commitOffset);
  if (place === undefined) return notLeader(logical.topic, logical.queueId);
  const { part, offset } = place;
  if (part.brokerName !== logical.topic.brokerName) {
    return deps.logicalOffsets.commitAt(logical, part, request.consumerGroup, offset);
  }
  return updatePhysical({ ...request, queueId: part.queueId, commitOffset: offset }, by, deps);
}

function updatePhysical(
  request: UpdateConsumerOffsetRequest,
  by: string,
  deps: ConsumerDeps,
): Outgoing {
  const { consumerGroup, topic, queueId, commitOffset } = request;
  const config = deps.topics.get(topic);
  if (config === undefined) {
    return { code: ResponseCode.TopicNotExist, remark: `Topic ${topic} not exist!` };
  }
  if (deps.groups.get(consumerGroup) === undefined) {
    const remark = `Group ${consumerGroup} not exist!`;
    return { code: ResponseCode.SubscriptionGroupNotExist, remark };
  }
  const known = deps.offsets.query(consumerGroup, topic, queueId) >= 0;
  const queues = Math.max(config.readQueueNums, config.writeQueueNums);
  if (!known && (queueId < 0 || queueId >= queues)) {
    const remark = `queueId ${queueId} is not one of the ${queues} queues of topic ${topic}`;
    return { code: ResponseCode.InvalidParameter, remark };
  }
  if (deps.offsets.isResetPending(consumerGroup, topic, queueId)) {
    return { code: ResponseCode.Success, remark: 'Offset has been previously reset' };
  }
  deps.offsets.commit(consumerGroup, topic, queueId, commitOffset, by);
  return SUCCESS;
}

function found(offset: number): Outgoing {
  return { code: ResponseCode.Success, ext: QueryConsumerOffset.response.encode({ offset }) };
}

function notFound(remark: string): Outgoing {
  return { code: ResponseCode.QueryNotFound, remark };
}

function tooManyQueues(count: number): Outgoing {
  const remark = `A lock request may name ${LOCK_QUEUES_MAX} queues, not ${count}`;
  return { code: ResponseCode.InvalidParameter, remark };
}
