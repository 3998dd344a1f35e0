import { decodeClusterInfo, RequestCode } from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import type { RouteBrokerData } from '../route/topic-route.ts';
import { expectSuccess, responseError } from './expect-success.ts';

/** All brokers that the name server knows. */
export async function clusterBrokers(requester: Requester): Promise<readonly RouteBrokerData[]> {
  const answer = await requester.askNameServer({ code: RequestCode.GetBrokerClusterInfo });
  expectSuccess(answer, 'The cluster information');
  if (answer.body === null) throw responseError(answer, 'The cluster information');
  return [...decodeClusterInfo(answer.body).brokers.values()];
}
