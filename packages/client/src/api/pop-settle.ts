import { formatPopHandle, type PopHandle, popRealTopic } from '@skylarkmq/message';
import {
  AckMessage,
  type BatchAck,
  ChangeInvisibleTime,
  encodeBatchAckBody,
  RequestCode,
} from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import type { Popped } from '../pop/popped.ts';
import { expectSuccess } from './expect-success.ts';

/** Tells a broker that a popped message is done. */
// RocketMQ: DefaultMQPushConsumerImpl#ackAsync
export async function ackMessage(
  requester: Requester,
  address: string,
  group: string,
  popped: Popped,
): Promise<void> {
  const ext = AckMessage.request.encode({ ...placeOf(popped, group) });
  const answer = await requester.request(address, { code: AckMessage.code, ext });
  expectSuccess(answer, `The acknowledgement of a message of ${popped.topic}`);
}

/** Tells a broker that popped messages, all of its own, are done. */
export async function ackMessages(
  requester: Requester,
  address: string,
  group: string,
  messages: readonly Popped[],
): Promise<void> {
  const brokerName = messages[0]?.handle.brokerName ?? '';
  const body = encodeBatchAckBody({ brokerName, acks: batchesOf(messages, group) });
  const answer = await requester.request(address, { code: RequestCode.BatchAckMessage, body });
  expectSuccess(answer, `The acknowledgement of ${messages.length} messages`);
}

/** Holds a popped message for `invisibleMs` from now on; its next receipt. */
// RocketMQ: DefaultMQPushConsumerImpl#changePopInvisibleTimeAsync
export async function changeInvisible(
  requester: Requester,
  address: string,
  group: string,
  popped: Popped,
  invisibleMs: number,
): Promise<PopHandle> {
  const { handle, topic } = popped;
  const place = placeOf(popped, group);
  const ext = ChangeInvisibleTime.request.encode({ ...place, invisibleTime: invisibleMs });
  const answer = await requester.request(address, { code: ChangeInvisibleTime.code, ext });
  expectSuccess(answer, `The change of the time for which a message of ${topic} is held`);
  const { popTime, invisibleTime, reviveQid } = ChangeInvisibleTime.response.decode(answer.ext);
  const startOffset = handle.queueOffset;
  return { ...handle, startOffset, popTime, invisibleTime, reviveQueueId: reviveQid };
}

function placeOf({ handle, liteTopic, topic }: Popped, group: string) {
  return {
    liteTopic,
    consumerGroup: group,
    topic: popRealTopic(handle.topicKind, group, topic),
    queueId: handle.queueId,
    extraInfo: formatPopHandle(handle),
    offset: handle.queueOffset,
    bname: handle.brokerName,
  };
}

/** One entry per check point, with the messages as distances from its start. */
function batchesOf(messages: readonly Popped[], group: string): readonly BatchAck[] {
  const batches = new Map<string, BatchAck & { readonly offsetDiffs: number[] }>();
  for (const { handle, topic } of messages) {
    const { startOffset, popTime, invisibleTime, reviveQueueId, topicKind, queueId } = handle;
    const key = `${topic} ${topicKind} ${queueId} ${startOffset} ${popTime} ${reviveQueueId}`;
    const batch = batches.get(key) ?? {
      ...{ consumerGroup: group, topic, topicKind, startOffset, queueId },
      ...{ reviveQueueId, popTime, invisibleTime, offsetDiffs: [] },
    };
    batches.set(key, batch);
    batch.offsetDiffs.push(handle.queueOffset - startOffset);
  }
  return [...batches.values()];
}
