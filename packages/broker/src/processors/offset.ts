/** What queues hold: offset of a time (29), end (30), begin (31), age of the oldest (32). */
import type { RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import {
  GetEarliestMsgStoretime,
  GetMaxOffset,
  GetMinOffset,
  type Outgoing,
  ResponseCode,
  SearchOffsetByTimestamp,
} from '@skylarkmq/wire';
import type { LogicalOffsets } from '../static-topic/logical-offsets.ts';

export interface OffsetDeps {
  readonly store: Pick<
    MessageStore,
    'minOffset' | 'maxOffset' | 'offsetByTime' | 'earliestStoreTime'
  >;
  readonly logicalOffsets: LogicalOffsets;
}

/** Queues that do not exist are empty: 0 to 0, without an oldest message. */
// RocketMQ: AdminBrokerProcessor#searchOffsetByTimestamp and those that follow it
export function registerOffsetHandlers(server: RemotingServer, deps: OffsetDeps): void {
  const { store, logicalOffsets } = deps;
  server.register(SearchOffsetByTimestamp.code, async (command) => {
    const request = SearchOffsetByTimestamp.request.decode(command.ext);
    const { topic, queueId, timestamp, boundaryType = '' } = request;
    const boundary = boundaryType.toUpperCase() === 'UPPER' ? 'upper' : 'lower';
    const logical = logicalOffsets.queue(request);
    if (logical !== null) {
      return 'code' in logical ? logical : logicalOffsets.search(logical, timestamp, boundary);
    }
    const offset = await store.offsetByTime(topic, queueId, timestamp, boundary);
    return answer(SearchOffsetByTimestamp.response.encode({ offset }));
  });
  server.register(GetMaxOffset.code, (command) => {
    const request = GetMaxOffset.request.decode(command.ext);
    const logical = logicalOffsets.queue(request);
    if (logical !== null) return 'code' in logical ? logical : logicalOffsets.max(logical);
    const { topic, queueId } = request;
    return answer(GetMaxOffset.response.encode({ offset: store.maxOffset(topic, queueId) }));
  });
  server.register(GetMinOffset.code, (command) => {
    const request = GetMinOffset.request.decode(command.ext);
    const logical = logicalOffsets.queue(request);
    if (logical !== null) return 'code' in logical ? logical : logicalOffsets.min(logical);
    const { topic, queueId } = request;
    return answer(GetMinOffset.response.encode({ offset: store.minOffset(topic, queueId) }));
  });
  server.register(GetEarliestMsgStoretime.code, async (command) => {
    const request = GetEarliestMsgStoretime.request.decode(command.ext);
    const logical = logicalOffsets.queue(request);
    if (logical !== null) return 'code' in logical ? logical : logicalOffsets.earliest(logical);
    const { topic, queueId } = request;
    const timestamp = await store.earliestStoreTime(topic, queueId);
    return answer(GetEarliestMsgStoretime.response.encode({ timestamp }));
  });
}

function answer(ext: ReadonlyMap<string, string>): Outgoing {
  return { code: ResponseCode.Success, ext };
}
