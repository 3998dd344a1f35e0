/** Store time of the oldest message of a queue, -1 if there is none. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, optionalBoolean, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface GetEarliestMsgStoretimeRequest {
  readonly topic: string;
  readonly queueId: number;
  /** False: `queueId` is of a physical queue, also when the topic is static. */
  readonly lo?: boolean | undefined;
  readonly bname?: string | undefined;
}

/** Fields of the answer. */
export interface GetEarliestMsgStoretimeResponse {
  readonly timestamp: number;
}

export const GetEarliestMsgStoretime: Rpc<
  GetEarliestMsgStoretimeRequest,
  GetEarliestMsgStoretimeResponse
> = {
  code: RequestCode.GetEarliestMsgStoretime,
  request: header<GetEarliestMsgStoretimeRequest>({
    topic: text,
    queueId: integer,
    lo: optionalBoolean,
    bname: optionalText,
  }),
  response: header<GetEarliestMsgStoretimeResponse>({
    timestamp: integer,
  }),
};
