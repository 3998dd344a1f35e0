/** Small bodies about one group and one topic. */
import { javaBody } from './json-body.ts';
import { type SubscriptionData, subscriptionDataJson } from './subscription-data.ts';

/** Body of QUERY_SUBSCRIPTION_BY_CONSUMER; without a subscription when the group is not online. */
export function encodeGroupSubscription(
  group: string,
  topic: string,
  subscription: SubscriptionData | undefined,
): Buffer {
  const subscriptionData =
    subscription === undefined ? undefined : subscriptionDataJson(subscription);
  return javaBody({ group, subscriptionData, topic });
}

/** Body of UPDATE_AND_GET_GROUP_FORBIDDEN. */
export function encodeGroupForbidden(group: string, topic: string, readable: boolean): Buffer {
  return javaBody({ group, readable, topic });
}
