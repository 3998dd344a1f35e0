/** The oldest message of a queue. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, optionalBoolean, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface GetMinOffsetRequest {
  readonly topic: string;
  readonly queueId: number;
  /** False: `queueId` is of a physical queue, also when the topic is static. */
  readonly lo?: boolean | undefined;
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
    lo: optionalBoolean,
    bname: optionalText,
  }),
  response: header<GetMinOffsetResponse>({
    offset: integer,
  }),
};
