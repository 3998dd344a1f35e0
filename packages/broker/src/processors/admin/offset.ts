/** Offsets of groups, for tools that read, copy and compare them. */
import { type JsonInput, stringifyJson } from '@skylarkmq/base';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  CloneGroupOffset,
  encodeCorrectionOffsets,
  encodeGroupList,
  encodeGroupSubscription,
  encodeTopicList,
  QueryCorrectionOffset,
  QuerySubscriptionByConsumer,
  QueryTopicConsumeByWho,
  QueryTopicsByConsumer,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import type { DelayOffsets } from '../../delay/delay-offsets.ts';
import type { ProgressAdminDeps } from './progress-deps.ts';
import { SUCCESS } from './refusal.ts';

export interface OffsetAdminDeps extends ProgressAdminDeps {
  readonly delayOffsets: Pick<DelayOffsets, 'json'>;
}

/** "No correction": Long.MAX_VALUE. */
const NO_CORRECTION = 2n ** 63n - 1n;

export function registerOffsetHandlers(server: RemotingServer, deps: OffsetAdminDeps): void {
  const { offsets, consumers, identity } = deps;
  server.register(RequestCode.GetAllConsumerOffset, () => jsonAnswer(offsets.json()));
  server.register(RequestCode.GetAllDelayOffset, () => jsonAnswer(deps.delayOffsets.json()));
  server.register(QueryTopicConsumeByWho.code, (command) => {
    const { topic } = QueryTopicConsumeByWho.request.decode(command.ext);
    const groups = new Set([...consumers.groupsOf(topic), ...offsets.groupsOf(topic)]);
    return { code: ResponseCode.Success, body: encodeGroupList(groups) };
  });
  server.register(QueryTopicsByConsumer.code, (command) => {
    const { group } = QueryTopicsByConsumer.request.decode(command.ext);
    const body = encodeTopicList(offsets.topicsOf(group), identity.address);
    return { code: ResponseCode.Success, body };
  });
  server.register(QuerySubscriptionByConsumer.code, (command) => {
    const { group, topic } = QuerySubscriptionByConsumer.request.decode(command.ext);
    const body = encodeGroupSubscription(group, topic, consumers.subscription(group, topic));
    return { code: ResponseCode.Success, body };
  });
  server.register(QueryCorrectionOffset.code, (command) => {
    const request = QueryCorrectionOffset.request.decode(command.ext);
    const leftOut = (request.filterGroups ?? '').split(',');
    const corrections = correctionOffsets(request.topic, request.compareGroup, leftOut, deps);
    return { code: ResponseCode.Success, body: encodeCorrectionOffsets(corrections) };
  });
  server.register(CloneGroupOffset.code, (command) => {
    const { srcGroup, destGroup, topic, offline } = CloneGroupOffset.request.decode(command.ext);
    const one = topic?.trim() ?? '';
    for (const name of one === '' ? offsets.topicsOf(srcGroup) : [one]) {
      if (deps.topics.get(name) === undefined) continue;
      const isDone = consumers.isOnline(srcGroup) && !consumers.subscription(srcGroup, name);
      if (!offline && isDone) continue;
      offsets.clone(srcGroup, destGroup, name);
      deps.logger.info({ from: srcGroup, to: destGroup, topic: name }, 'Offsets copied');
    }
    return SUCCESS;
  });
}

/**
 * Queue to the smallest offset of all groups (but those left out), or to Long.MAX_VALUE where
 * `compareGroup` is behind all of them. RocketMQ: AdminBrokerProcessor#queryCorrectionOffset
 */
function correctionOffsets(
  topic: string,
  compareGroup: string,
  leftOut: readonly string[],
  { offsets, store }: OffsetAdminDeps,
): Map<number, bigint> {
  const smallest = new Map<number, number>();
  for (const group of offsets.groupsOf(topic)) {
    if (leftOut.includes(group)) continue;
    for (const [queueId, offset] of offsets.offsetsOf(group, topic) ?? []) {
      if (offset < store.minOffset(topic, queueId)) continue;
      smallest.set(queueId, Math.min(offset, smallest.get(queueId) ?? offset));
    }
  }
  const own = offsets.offsetsOf(compareGroup, topic);
  const corrections = new Map<number, bigint>();
  for (const [queueId, offset] of smallest) {
    const compared = own?.get(queueId);
    const isBehind = compared !== undefined && offset > compared;
    corrections.set(queueId, isBehind ? NO_CORRECTION : BigInt(offset));
  }
  return corrections;
}

function jsonAnswer(json: JsonInput): { code: number; body: Buffer } {
  const text = stringifyJson(json, { javaKeys: true });
  return { code: ResponseCode.Success, body: Buffer.from(text, 'utf8') };
}
