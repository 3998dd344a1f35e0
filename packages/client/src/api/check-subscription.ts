import { encodeClientConfig, RequestCode } from '@skylarkmq/wire';
import type { Subscription } from '../consumer/subscription.ts';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';
import { subscriptionData } from './heartbeat.ts';

/** Asks a broker whether it can filter by a subscription. RESPONSE with code 23 or 1 when not. */
export async function checkSubscription(
  requester: Requester,
  address: string,
  group: string,
  subscription: Subscription,
): Promise<void> {
  const { clientId } = requester;
  const body = encodeClientConfig({
    ...{ clientId, group, subscriptionData: subscriptionData(subscription) },
  });
  const answer = await requester.request(address, { code: RequestCode.CheckClientConfig, body });
  const { topic, expression } = subscription;
  expectSuccess(answer, `The subscription to ${topic} by ${JSON.stringify(expression)}`);
}
