import { standardBody } from './json-body.ts';
import { type SubscriptionData, subscriptionDataJson } from './subscription-data.ts';

/** Body of CHECK_CLIENT_CONFIG: a subscription that a client is about to use. */
export interface ClientConfig {
  readonly clientId: string;
  readonly group: string;
  readonly subscriptionData: SubscriptionData;
}

export function encodeClientConfig(config: ClientConfig): Buffer {
  const { clientId, group, subscriptionData } = config;
  return standardBody({
    clientId,
    group,
    subscriptionData: subscriptionDataJson(subscriptionData),
  });
}
