/** The topics in which a group has offsets. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface QueryTopicsByConsumerRequest {
  readonly group: string;
}

export const QueryTopicsByConsumer: Rpc<QueryTopicsByConsumerRequest, NoFields> = {
  code: RequestCode.QueryTopicsByConsumer,
  request: header<QueryTopicsByConsumerRequest>({
    group: text,
  }),
  response: noFields,
};
