/** The groups of consumers whose lag and dead letters are looked at, with their topics. */
import { TOPIC, type TopicName } from '../shared/messaging/topics.ts';

/** One of them. */
export interface WatchedGroup {
  readonly group: string;
  readonly topic: TopicName;
  /** Whether it consumes in order: its letters go back to the topic, not to its own retries. */
  readonly isOrdered: boolean;
}

const STEP_SERVICES = ['inventory', 'coupon', 'user'] as const;

export const WATCHED_GROUPS: readonly WatchedGroup[] = [
  ...watch(TOPIC.orderStatus, ['mall-order-status']),
  { group: 'mall-push', topic: TOPIC.orderStatus, isOrdered: true },
  ...watch(TOPIC.orderTimeout, ['mall-order-timeout']),
  ...watch(TOPIC.payment, ['mall-order-payment', 'mall-shipping']),
  ...watch(
    TOPIC.payment,
    STEP_SERVICES.map((service) => `mall-${service}-payment`),
  ),
  ...watch(
    TOPIC.orderRollback,
    STEP_SERVICES.map((service) => `mall-${service}-rollback`),
  ),
  ...watch(TOPIC.orderRollback, ['mall-payment-rollback']),
  ...watch(TOPIC.refund, ['mall-payment-refund']),
  ...watch(TOPIC.cart, ['mall-catalogue-cart']),
];

function watch(topic: TopicName, groups: readonly string[]): WatchedGroup[] {
  return groups.map((group) => ({ group, topic, isOrdered: false }));
}
