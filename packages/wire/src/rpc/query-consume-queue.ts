/** Units of a ConsumeQueue. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, integer, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface QueryConsumeQueueRequest {
  readonly topic: string;
  readonly queueId: number;
  readonly index: number;
  readonly count: number;
  readonly consumerGroup?: string | undefined;
}

export const QueryConsumeQueue: Rpc<QueryConsumeQueueRequest, NoFields> = {
  code: RequestCode.QueryConsumeQueue,
  request: header<QueryConsumeQueueRequest>({
    topic: text,
    queueId: integer,
    index: integer,
    count: integer,
    consumerGroup: optionalText,
  }),
  response: noFields,
};
