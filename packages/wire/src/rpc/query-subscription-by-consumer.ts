/** A group's subscription to a topic. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface QuerySubscriptionByConsumerRequest {
  readonly group: string;
  readonly topic: string;
}

export const QuerySubscriptionByConsumer: Rpc<QuerySubscriptionByConsumerRequest, NoFields> = {
  code: RequestCode.QuerySubscriptionByConsumer,
  request: header<QuerySubscriptionByConsumerRequest>({
    group: text,
    topic: text,
  }),
  response: noFields,
};
