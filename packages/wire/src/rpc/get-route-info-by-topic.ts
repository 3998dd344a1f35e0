/** Where a topic is. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalBoolean, text } from '../schema.ts';

/** Fields of the request. */
export interface GetRouteInfoByTopicRequest {
  readonly topic: string;
  readonly acceptStandardJsonOnly?: boolean | undefined;
}

export const GetRouteInfoByTopic: Rpc<GetRouteInfoByTopicRequest, NoFields> = {
  code: RequestCode.GetRouteinfoByTopic,
  request: header<GetRouteInfoByTopicRequest>({
    topic: text,
    acceptStandardJsonOnly: optionalBoolean,
  }),
  response: noFields,
};
