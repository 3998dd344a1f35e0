/** Questions about the offsets of a queue, at the broker that has it. */
import type { MessageQueue } from '@skylarkmq/message';
import {
  GetEarliestMsgStoretime,
  GetMaxOffset,
  GetMinOffset,
  QueryConsumerOffset,
  ResponseCode,
  SearchOffsetByTimestamp,
  UpdateConsumerOffset,
} from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess, responseError } from './expect-success.ts';

/** The offset that the next message will get. */
export async function maxOffset(
  requester: Requester,
  address: string,
  queue: MessageQueue,
): Promise<number> {
  const { topic, queueId, brokerName } = queue;
  const ext = GetMaxOffset.request.encode({ topic, queueId, committed: true, bname: brokerName });
  const answer = await requester.request(address, { code: GetMaxOffset.code, ext });
  expectSuccess(answer, `The maximum offset of ${topic}`);
  return GetMaxOffset.response.decode(answer.ext).offset;
}

/** The offset of the oldest message that is kept. */
export async function minOffset(
  requester: Requester,
  address: string,
  queue: MessageQueue,
): Promise<number> {
  const { topic, queueId, brokerName } = queue;
  const ext = GetMinOffset.request.encode({ topic, queueId, bname: brokerName });
  const answer = await requester.request(address, { code: GetMinOffset.code, ext });
  expectSuccess(answer, `The minimum offset of ${topic}`);
  return GetMinOffset.response.decode(answer.ext).offset;
}

/** The offset of the first message stored at or after a time. */
export async function offsetByTime(
  requester: Requester,
  address: string,
  queue: MessageQueue,
  timestampMs: number,
): Promise<number> {
  const { topic, queueId, brokerName } = queue;
  const ext = SearchOffsetByTimestamp.request.encode({
    topic,
    queueId,
    timestamp: timestampMs,
    boundaryType: 'LOWER',
    bname: brokerName,
  });
  const answer = await requester.request(address, { code: SearchOffsetByTimestamp.code, ext });
  expectSuccess(answer, `The offset by time of ${topic}`);
  return SearchOffsetByTimestamp.response.decode(answer.ext).offset;
}

/** When the oldest message was stored, milliseconds; -1 if there is none. */
export async function earliestStoreTime(
  requester: Requester,
  address: string,
  queue: MessageQueue,
): Promise<number> {
  const { topic, queueId, brokerName } = queue;
  const ext = GetEarliestMsgStoretime.request.encode({ topic, queueId, bname: brokerName });
  const answer = await requester.request(address, { code: GetEarliestMsgStoretime.code, ext });
  expectSuccess(answer, `The earliest store time of ${topic}`);
  return GetEarliestMsgStoretime.response.decode(answer.ext).timestamp;
}

/** A group's committed offset, undefined if there is none. */
export async function committedOffset(
  requester: Requester,
  address: string,
  group: string,
  queue: MessageQueue,
): Promise<number | undefined> {
  const { topic, queueId, brokerName } = queue;
  const ext = QueryConsumerOffset.request.encode({
    consumerGroup: group,
    topic,
    queueId,
    setZeroIfNotFound: undefined,
    bname: brokerName,
  });
  const answer = await requester.request(address, { code: QueryConsumerOffset.code, ext });
  if (answer.code === ResponseCode.QueryNotFound) return undefined;
  if (answer.code !== ResponseCode.Success) {
    throw responseError(answer, `The committed offset of ${group} in ${topic}`);
  }
  return QueryConsumerOffset.response.decode(answer.ext).offset;
}

/** Commits a group's offset; `surely` waits for the answer. */
export async function commitOffset(
  requester: Requester,
  address: string,
  group: string,
  queue: MessageQueue,
  offset: number,
  surely: boolean,
): Promise<void> {
  const { topic, queueId, brokerName } = queue;
  const ext = UpdateConsumerOffset.request.encode({
    consumerGroup: group,
    topic,
    queueId,
    commitOffset: offset,
    bname: brokerName,
  });
  const outgoing = { code: UpdateConsumerOffset.code, ext };
  if (!surely) {
    await requester.oneway(address, outgoing);
    return;
  }
  expectSuccess(await requester.request(address, outgoing), `The commit of ${group} in ${topic}`);
}
