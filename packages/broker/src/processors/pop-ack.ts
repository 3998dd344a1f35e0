/** What consumers say of popped messages: 200051 and 200151 (ACK), 200053 (invisible time). */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import {
  liteQueueName,
  POP_ORDER_REVIVE_QUEUE,
  parsePopHandle,
  popRealTopic,
} from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import {
  AckMessage,
  type BatchAck,
  ChangeInvisibleTime,
  decodeBatchAckBody,
  type Outgoing,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import type { AckTarget } from '../pop/acker.ts';
import {
  checkInvisible,
  type PopCheckDeps,
  type PopPlace,
  queueIllegal,
  STARTING,
  topicMissing,
} from '../pop/pop-checks.ts';
import type { PopService } from '../pop/pop-service.ts';

/** Receipts of one batch at most. */
const BATCH_ACKS_MAX = 10_000;
const SUCCESS: Outgoing = { code: ResponseCode.Success };

export interface PopAckDeps extends PopCheckDeps {
  readonly pop: PopService;
  readonly store: Pick<MessageStore, 'maxOffset' | 'minOffset'>;
}

export function registerPopAckHandlers(server: RemotingServer, deps: PopAckDeps): void {
  server.register(AckMessage.code, async (command, connection) => {
    const request = inLightQueue(AckMessage.request.decode(command.ext));
    const { offset, extraInfo } = request;
    const refusal = checkPlace(request, offset, connection.remoteAddress, deps);
    if (refusal !== null) return refusal;
    return orIllegal(async () => {
      await deps.pop.acker.acknowledge(targetOf(request, offset, extraInfo));
      return SUCCESS;
    });
  });
  server.register(RequestCode.BatchAckMessage, (command, connection) => {
    const { acks } = decodeBatchAckBody(command.body);
    return acknowledgeBatch(acks, connection.remoteAddress, deps);
  });
  server.register(ChangeInvisibleTime.code, async (command, connection) => {
    const request = inLightQueue(ChangeInvisibleTime.request.decode(command.ext));
    const { offset, extraInfo, invisibleTime, suspend = false } = request;
    const refusal =
      checkPlace(request, offset, connection.remoteAddress, deps) ??
      checkInvisible(invisibleTime, deps.settings());
    if (refusal !== null) return refusal;
    return orIllegal(async () => {
      const target = targetOf(request, offset, extraInfo);
      const changed = await deps.pop.acker.change(target, invisibleTime, suspend);
      if (changed === null) {
        const remark = 'The message is not in flight: it was acknowledged, or its time was over';
        return { code: ResponseCode.NoMessage, remark };
      }
      const { popTime, reviveQueueId: reviveQid } = changed;
      const ext = ChangeInvisibleTime.response.encode({ popTime, invisibleTime, reviveQid });
      return { code: ResponseCode.Success, ext };
    });
  });
}

/** Messages of lite topics lie in the light queue that the lite topic names. */
// RocketMQ: AckMessageProcessor#ackLite
function inLightQueue<Request extends PopPlace & { readonly liteTopic?: string | undefined }>(
  request: Request,
): Request {
  const { liteTopic = '', topic } = request;
  if (liteTopic === '') return request;
  return { ...request, topic: liteQueueName(topic, liteTopic), queueId: 0 };
}

// RocketMQ: AckMessageProcessor#processRequest
async function acknowledgeBatch(
  acks: readonly BatchAck[],
  remoteAddress: string,
  deps: PopAckDeps,
): Promise<Outgoing> {
  if (acks.length === 0) return { code: ResponseCode.NoMessage, remark: 'The batch is empty' };
  if (acks.length > BATCH_ACKS_MAX) {
    const remark = `A batch of ${acks.length} receipts is more than ${BATCH_ACKS_MAX}: split it`;
    return { code: ResponseCode.MessageIllegal, remark };
  }
  const refusals: Outgoing[] = [];
  const running = acks.map(async (ack) => {
    const answer = await orIllegal(() => acknowledgeOne(ack, remoteAddress, deps));
    if (answer.code !== ResponseCode.Success) refusals.push(answer);
  });
  await Promise.all(running);
  return refusals[0] ?? SUCCESS;
}

async function acknowledgeOne(
  ack: BatchAck,
  remoteAddress: string,
  deps: PopAckDeps,
): Promise<Outgoing> {
  const { consumerGroup: group, queueId, startOffset, popTime, invisibleTime } = ack;
  const { reviveQueueId } = ack;
  const topic = popRealTopic(ack.topicKind, group, ack.topic);
  const offsets = ack.offsetDiffs.map((diff) => startOffset + diff);
  // They ascend: when the first and the last are in the queue, all are.
  for (const offset of [offsets.at(0), offsets.at(-1)]) {
    if (offset === undefined) continue;
    const place = { consumerGroup: group, topic, queueId };
    const refusal = checkPlace(place, offset, remoteAddress, deps);
    if (refusal !== null) return refusal;
  }
  const isOrder = reviveQueueId === POP_ORDER_REVIVE_QUEUE;
  const place = { group, topic, queueId, startOffset, popTime, invisibleTime, reviveQueueId };
  await deps.pop.acker.acknowledgeAll({ ...place, offsets, isOrder });
  return SUCCESS;
}

function checkPlace(
  place: PopPlace,
  offset: number,
  remoteAddress: string,
  deps: PopAckDeps,
): Outgoing | null {
  if (!deps.pop.isStarted) return STARTING;
  const topic = deps.topics.get(place.topic);
  if (topic === undefined) return topicMissing(place.topic);
  if (place.queueId < 0 || place.queueId >= topic.readQueueNums) {
    return queueIllegal(place, topic, remoteAddress, ResponseCode.MessageIllegal);
  }
  const min = deps.store.minOffset(place.topic, place.queueId);
  const max = deps.store.maxOffset(place.topic, place.queueId);
  if (offset >= min && offset <= max) return null;
  const remark =
    `offset is illegal, key:${place.topic}@${place.queueId}, commit:${offset}, ` +
    `store:${min}~${max}`;
  return { code: ResponseCode.NoMessage, remark };
}

function targetOf(place: PopPlace, offset: number, extraInfo: string): AckTarget {
  const { consumerGroup: group, topic, queueId } = place;
  return { group, topic, queueId, offset, handle: parsePopHandle(extraInfo) };
}

/** A receipt that is not acceptable is answered as an illegal message. */
async function orIllegal(work: () => Promise<Outgoing>): Promise<Outgoing> {
  try {
    return await work();
  } catch (thrown) {
    const error = MqError.from(thrown);
    const code =
      error.code === MqErrorCode.InvalidArgument
        ? ResponseCode.MessageIllegal
        : error.code === MqErrorCode.Busy
          ? ResponseCode.SystemBusy
          : ResponseCode.SystemError;
    return { code, remark: error.message };
  }
}
