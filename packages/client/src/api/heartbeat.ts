import { encodeHeartbeat, RequestCode, type SubscriptionData } from '@skylarkmq/wire';
import type { ConsumerMember } from '../consumer/consumer-member.ts';
import type { ConsumeFrom } from '../consumer/start-offset.ts';
import type { Subscription } from '../consumer/subscription.ts';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';

// RocketMQ: ConsumeType
const CONSUME_TYPES = {
  push: 'CONSUME_PASSIVELY',
  pull: 'CONSUME_ACTIVELY',
  pop: 'CONSUME_POP',
} as const;

/** Announces the groups of this client to one broker. */
export async function sendHeartbeat(
  requester: Requester,
  address: string,
  producers: readonly string[],
  consumers: readonly ConsumerMember[],
): Promise<void> {
  const body = encodeHeartbeat({
    clientID: requester.clientId,
    heartbeatFingerprint: 0,
    withoutSub: false,
    producerDataSet: producers.map((groupName) => ({ groupName })),
    consumerDataSet: consumers.map((member) => ({
      groupName: member.group,
      consumeType: CONSUME_TYPES[member.kind],
      messageModel: member.broadcasting ? 'BROADCASTING' : 'CLUSTERING',
      consumeFromWhere: consumeFromWhere(member.consumeFrom),
      unitMode: false,
      subscriptionDataSet: member.subscriptions().map(subscriptionData),
    })),
  });
  const answer = await requester.request(address, { code: RequestCode.HeartBeat, body });
  expectSuccess(answer, `The heartbeat to ${address}`);
}

/** A subscription in the form of heartbeats. */
export function subscriptionData(subscription: Subscription): SubscriptionData {
  return {
    topic: subscription.topic,
    subString: subscription.expression,
    expressionType: subscription.expressionType,
    subVersion: subscription.version,
    tagsSet: [...subscription.tags],
    codeSet: [...subscription.tagCodes],
    classFilterMode: false,
  };
}

function consumeFromWhere(consumeFrom: ConsumeFrom): string {
  if (consumeFrom === 'last') return 'CONSUME_FROM_LAST_OFFSET';
  return consumeFrom === 'first' ? 'CONSUME_FROM_FIRST_OFFSET' : 'CONSUME_FROM_TIMESTAMP';
}
