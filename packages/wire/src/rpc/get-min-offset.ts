/** The oldest message of a queue. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface GetMinOffsetRequest {
  readonly topic: string;
  readonly queueId: number;
  readonly bname?: string | undefined;
}

/** Fields of the answer. */
export interface GetMinOffsetResponse {
  readonly offset: number;
}

export const GetMinOffset: Rpc<GetMinOffsetRequest, GetMinOffsetResponse> = {
  code: RequestCode.GetMinOffset,
  request: header<GetMinOffsetRequest>({
    topic: text,
    queueId: integer,
    bname: optionalText,
  }),
  response: header<GetMinOffsetResponse>({
    offset: integer,
  }),
};
