/** Store times of a topic's queues and how far a group is. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface QueryConsumeTimeSpanRequest {
  readonly topic: string;
  readonly group: string;
}

export const QueryConsumeTimeSpan: Rpc<QueryConsumeTimeSpanRequest, NoFields> = {
  code: RequestCode.QueryConsumeTimeSpan,
  request: header<QueryConsumeTimeSpanRequest>({
    topic: text,
    group: text,
  }),
  response: noFields,
};
