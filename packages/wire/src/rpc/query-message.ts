/** Messages by key, unique key or tag; the body of the answer is records one after the other. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { clampedInteger, header, integer, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface QueryMessageRequest {
  readonly topic: string;
  readonly key: string;
  readonly maxNum: number;
  readonly beginTimestamp: number;
  readonly endTimestamp: number;
  readonly indexType?: string | undefined;
  readonly lastKey?: string | undefined;
}

/** Fields of the answer. */
export interface QueryMessageResponse {
  readonly indexLastUpdateTimestamp: number;
  readonly indexLastUpdatePhyoffset: number;
}

export const QueryMessage: Rpc<QueryMessageRequest, QueryMessageResponse> = {
  code: RequestCode.QueryMessage,
  request: header<QueryMessageRequest>({
    topic: text,
    key: text,
    maxNum: integer,
    beginTimestamp: clampedInteger,
    endTimestamp: clampedInteger,
    indexType: optionalText,
    lastKey: optionalText,
  }),
  response: header<QueryMessageResponse>({
    indexLastUpdateTimestamp: integer,
    indexLastUpdatePhyoffset: integer,
  }),
};
