import { MqError, MqErrorCode } from '@skylarkmq/base';
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
  if (answer.code === ResponseCode.RequestCodeNotSupported) throw noNameServer(topic, answer.code);
  if (answer.code !== ResponseCode.Success || answer.body === null) {
    throw responseError(answer, `The route of topic ${topic}`);
  }
  return decodeTopicRoute(answer.body);
}

/** A broker's address in place of a name server's: the most frequent slip. */
function noNameServer(topic: string, responseCode: number): MqError {
  const cure = 'option namesrv needs the address of a name server (port 9876), not of a broker';
  const message = `Who was asked for the route of topic ${topic} is no name server: ${cure}`;
  return new MqError(MqErrorCode.Response, message, { responseCode });
}
