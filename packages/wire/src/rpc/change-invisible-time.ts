/** Keeps a popped message for longer, or gives it back sooner. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, optionalBoolean, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface ChangeInvisibleTimeRequest {
  readonly consumerGroup: string;
  /** The topic that the message really lies in: for retries the retry topic. */
  readonly topic: string;
  readonly queueId: number;
  /** The receipt: `PopHandle` of the message package. */
  readonly extraInfo: string;
  readonly offset: number;
  /** From now on, in ms. */
  readonly invisibleTime: number;
  readonly liteTopic?: string | undefined;
  /** The message was not tried: the attempt does not count. */
  readonly suspend?: boolean | undefined;
  readonly bname?: string | undefined;
}

/** Fields of the answer: what is new in the next receipt, whose start offset is the offset. */
export interface ChangeInvisibleTimeResponse {
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly reviveQid: number;
}

export const ChangeInvisibleTime: Rpc<ChangeInvisibleTimeRequest, ChangeInvisibleTimeResponse> = {
  code: RequestCode.ChangeMessageInvisibletime,
  request: header<ChangeInvisibleTimeRequest>({
    consumerGroup: text,
    topic: text,
    queueId: integer,
    extraInfo: text,
    offset: integer,
    invisibleTime: integer,
    liteTopic: optionalText,
    suspend: optionalBoolean,
    bname: optionalText,
  }),
  response: header<ChangeInvisibleTimeResponse>({
    popTime: integer,
    invisibleTime: integer,
    reviveQid: integer,
  }),
};
