import { javaBody } from './json-body.ts';
import { type SubscriptionData, subscriptionDataJson } from './subscription-data.ts';

/** A unit of a ConsumeQueue. */
export interface ConsumeQueueUnit {
  readonly physicOffset: number;
  readonly physicSize: number;
  readonly tagsCode: bigint;
  /** Whether the group's subscription takes it. */
  readonly eval: boolean;
}

/** A part of a ConsumeQueue. */
export interface ConsumeQueuePart {
  readonly minQueueIndex: number;
  readonly maxQueueIndex: number;
  readonly units: readonly ConsumeQueueUnit[];
  /** Of the group that asks; undefined when it has none. */
  readonly subscription: SubscriptionData | undefined;
}

/** Body of QUERY_CONSUME_QUEUE. */
export function encodeConsumeQueuePart(part: ConsumeQueuePart): Buffer {
  const { subscription, units, maxQueueIndex, minQueueIndex } = part;
  return javaBody({
    maxQueueIndex,
    minQueueIndex,
    queueData: units.map((unit) => ({ ...unit })),
    subscriptionData: subscription === undefined ? undefined : subscriptionDataJson(subscription),
  });
}
