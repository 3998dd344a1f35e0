import { decodeTopicRoute, GetRouteInfoByTopic, ResponseCode } from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import type { RouteData } from '../route/topic-route.ts';
import { responseError } from './expect-success.ts';

/** Where a topic is; undefined if the name server does not know it. */
export async function getTopicRoute(
  requester: Requester,
  topic: string,
): Promise<RouteData | undefined> {
  const ext = GetRouteInfoByTopic.request.encode({ topic, acceptStandardJsonOnly: true });
  const answer = await requester.askNameServer({ code: GetRouteInfoByTopic.code, ext });
  if (answer.code === ResponseCode.TopicNotExist) return undefined;
  if (answer.code !== ResponseCode.Success || answer.body === null) {
    throw responseError(answer, `The route of topic ${topic}`);
  }
  return decodeTopicRoute(answer.body);
}
