/** One past the last message of a queue. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, optionalBoolean, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface GetMaxOffsetRequest {
  readonly topic: string;
  readonly queueId: number;
  readonly committed?: boolean | undefined;
  /** False: `queueId` is of a physical queue, also when the topic is static. */
  readonly lo?: boolean | undefined;
  readonly bname?: string | undefined;
}

/** Fields of the answer. */
export interface GetMaxOffsetResponse {
  readonly offset: number;
}

export const GetMaxOffset: Rpc<GetMaxOffsetRequest, GetMaxOffsetResponse> = {
  code: RequestCode.GetMaxOffset,
  request: header<GetMaxOffsetRequest>({
    topic: text,
    queueId: integer,
    committed: optionalBoolean,
    lo: optionalBoolean,
    bname: optionalText,
  }),
  response: header<GetMaxOffsetResponse>({
    offset: integer,
  }),
};
