/** The groups that consume a topic. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface QueryTopicConsumeByWhoRequest {
  readonly topic: string;
}

export const QueryTopicConsumeByWho: Rpc<QueryTopicConsumeByWhoRequest, NoFields> = {
  code: RequestCode.QueryTopicConsumeByWho,
  request: header<QueryTopicConsumeByWhoRequest>({
    topic: text,
  }),
  response: noFields,
};
