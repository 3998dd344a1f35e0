/** The committed offset of a group in a queue. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, optionalBoolean, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface QueryConsumerOffsetRequest {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly queueId: number;
  readonly setZeroIfNotFound?: boolean | undefined;
  /** False: `queueId` is of a physical queue, also when the topic is static. */
  readonly lo?: boolean | undefined;
  readonly bname?: string | undefined;
}

/** Fields of the answer. */
export interface QueryConsumerOffsetResponse {
  readonly offset: number;
}

export const QueryConsumerOffset: Rpc<QueryConsumerOffsetRequest, QueryConsumerOffsetResponse> = {
  code: RequestCode.QueryConsumerOffset,
  request: header<QueryConsumerOffsetRequest>({
    consumerGroup: text,
    topic: text,
    queueId: integer,
    setZeroIfNotFound: optionalBoolean,
    lo: optionalBoolean,
    bname: optionalText,
  }),
  response: header<QueryConsumerOffsetResponse>({
    offset: integer,
  }),
};
