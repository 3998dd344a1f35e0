/** Groups: what a member asks about its own, and how one is made. */
import type { MessageQueue } from '@skylarkmq/message';
import {
  decodeConsumerList,
  decodeLockOk,
  encodeLockBatch,
  encodeSubscriptionGroup,
  GetConsumerListByGroup,
  RequestCode,
  subscriptionGroup,
} from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';

/** The client ids of a group's members, as one broker knows them. */
export async function groupMembers(
  requester: Requester,
  address: string,
  group: string,
): Promise<readonly string[]> {
  const ext = GetConsumerListByGroup.request.encode({ consumerGroup: group });
  const answer = await requester.request(address, { code: GetConsumerListByGroup.code, ext });
  expectSuccess(answer, `The member list of group ${group}`);
  return answer.body === null ? [] : decodeConsumerList(answer.body);
}

/** Locks queues of one broker, or renews the locks; returns those that are locked now. */
export async function lockQueues(
  requester: Requester,
  address: string,
  group: string,
  queues: readonly MessageQueue[],
): Promise<readonly MessageQueue[]> {
  const body = encodeLockBatch({
    consumerGroup: group,
    clientId: requester.clientId,
    onlyThisBroker: false,
    mqSet: queues,
  });
  const answer = await requester.request(address, { code: RequestCode.LockBatchMq, body });
  expectSuccess(answer, `The lock of ${queues.length} queues for ${group}`);
  return answer.body === null ? [] : decodeLockOk(answer.body);
}

/** Gives locks at one broker back. */
export async function unlockQueues(
  requester: Requester,
  address: string,
  group: string,
  queues: readonly MessageQueue[],
): Promise<void> {
  const body = encodeLockBatch({
    consumerGroup: group,
    clientId: requester.clientId,
    onlyThisBroker: false,
    mqSet: queues,
  });
  const answer = await requester.request(address, { code: RequestCode.UnlockBatchMq, body });
  expectSuccess(answer, `The release of ${queues.length} locks of ${group}`);
}

/** What a group is like at one broker. */
export interface GroupArguments {
  readonly group: string;
  readonly retriesMax: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Makes a group at a broker, or changes it there. */
export async function createGroupAt(
  requester: Requester,
  address: string,
  { group, retriesMax, attributes }: GroupArguments,
): Promise<void> {
  const added = Object.entries(attributes).map(([name, value]) => [`+${name}`, value] as const);
  const rest = new Map([['attributes', new Map(added)]]);
  const body = encodeSubscriptionGroup(
    subscriptionGroup(group, { retryMaxTimes: retriesMax, rest }),
  );
  const code = RequestCode.UpdateAndCreateSubscriptiongroup;
  const answer = await requester.request(address, { code, body });
  expectSuccess(answer, `The creation of group ${group} at ${address}`);
}
