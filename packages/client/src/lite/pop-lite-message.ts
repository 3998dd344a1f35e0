import {
  decodeRecords,
  formatPopHandle,
  liteQueueName,
  type MessageQueue,
  type PopHandle,
  PopTopicKind,
  PropertyName,
  type StoredMessage,
} from '@skylarkmq/message';
import { type Command, PopLiteMessage, type PopLiteMessageResponse } from '@skylarkmq/wire';
import { askForPop, type PopArguments, type PopResult } from '../api/pop-message.ts';
import type { Requester } from '../instance/requester.ts';
import type { Popped } from '../pop/popped.ts';

/** Who takes messages of the lite topics that it is subscribed to. */
export interface LitePopper {
  readonly group: string;
  readonly clientId: string;
}

/** Takes messages of lite topics at one broker, in order within each; the queue has the parent. */
// RocketMQ: MQClientAPIImpl#popLiteMessageAsync, #processPopLiteResponse
export async function popLiteMessages(
  requester: Requester,
  address: string,
  { group, clientId }: LitePopper,
  args: Pick<PopArguments, 'queue' | 'max' | 'invisibleMs' | 'holdMs' | 'attemptId'>,
  signal?: AbortSignal,
): Promise<PopResult> {
  const { queue } = args;
  const ext = PopLiteMessage.request.encode({
    clientId,
    consumerGroup: group,
    topic: queue.topic,
    maxMsgNum: args.max,
    invisibleTime: args.invisibleMs,
    pollTime: args.holdMs,
    // The broker's own clock: a request from a clock that differs would count as expired.
    bornTime: 0,
    attemptId: args.attemptId,
    bname: queue.brokerName,
  });
  const outgoing = { code: PopLiteMessage.code, ext };
  return askForPop(requester, address, outgoing, {
    ...{ holdMs: args.holdMs, signal, what: `The pop of lite topics of ${queue.topic}` },
    read: (answer) => poppedOf(answer, queue),
  });
}

function poppedOf(answer: Command, queue: MessageQueue): readonly Popped[] {
  if (answer.body === null) return [];
  const header = PopLiteMessage.response.decode(answer.ext);
  const counts = (header.orderCountInfo ?? '').split(';');
  return decodeRecords(answer.body).map((stored, nth) =>
    popped(stored, queue, header, countOf(counts[nth])),
  );
}

/** A count alone, or behind the place that it is of. */
// RocketMQ: ExtraInfoUtil#parseLiteOrderCountInfo
function countOf(text: string | undefined): number {
  const count = Number(text?.split(' ').at(-1) ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** A message with its place in the light queue of its lite topic, and its receipt. */
function popped(
  stored: StoredMessage,
  { topic, brokerName }: MessageQueue,
  { popTime, invisibleTime, reviveQid }: PopLiteMessageResponse,
  count: number,
): Popped {
  const liteTopic = stored.properties.get(PropertyName.LiteTopic) ?? '';
  const queueOffset = lightOffset(stored, liteQueueName(topic, liteTopic));
  const handle: PopHandle = {
    ...{ startOffset: queueOffset, popTime, invisibleTime, reviveQueueId: reviveQid },
    ...{ topicKind: PopTopicKind.Normal, brokerName, queueId: 0, queueOffset },
  };
  const properties = new Map(stored.properties);
  properties.set(PropertyName.PopCheckpoint, formatPopHandle(handle));
  if (!properties.has(PropertyName.FirstPopTime)) {
    properties.set(PropertyName.FirstPopTime, String(popTime));
  }
  const message = { ...stored, properties, queueOffset };
  const reconsumeTimes = Math.max(stored.reconsumeTimes, count);
  return { message, topic, liteTopic, reconsumeTimes, handle };
}

function lightOffset({ properties, queueOffset }: StoredMessage, lightQueue: string): number {
  const names = (properties.get(PropertyName.InnerMultiDispatch) ?? '').split(',');
  const offsets = (properties.get(PropertyName.InnerMultiQueueOffset) ?? '').split(',');
  return Number(offsets[names.indexOf(lightQueue)] ?? queueOffset);
}
