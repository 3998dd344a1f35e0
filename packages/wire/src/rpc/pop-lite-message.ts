/** Taking messages of the lite topics that a client is subscribed to. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { clampedInteger, header, integer, integerOr, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface PopLiteMessageRequest {
  readonly clientId: string;
  readonly consumerGroup: string;
  /** The parent topic. */
  readonly topic: string;
  readonly maxMsgNum: number;
  /** How long nobody else gets the messages, in ms. */
  readonly invisibleTime: number;
  /** How long the broker may hold the request when there is nothing, in ms. */
  readonly pollTime: number;
  /** When it was sent, in ms since the epoch; 0 or missing: now. */
  readonly bornTime: number;
  /** The same for a repetition whose answer was lost. */
  readonly attemptId?: string | undefined;
  readonly bname?: string | undefined;
}

/** Fields of the answer. */
export interface PopLiteMessageResponse {
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly reviveQid: number;
  /** How often each message was handed out before, `;` between. */
  readonly orderCountInfo?: string | undefined;
}

export const PopLiteMessage: Rpc<PopLiteMessageRequest, PopLiteMessageResponse> = {
  code: RequestCode.PopLiteMessage,
  request: header<PopLiteMessageRequest>({
    clientId: text,
    consumerGroup: text,
    topic: text,
    maxMsgNum: integer,
    invisibleTime: clampedInteger,
    pollTime: clampedInteger,
    bornTime: integerOr(0),
    attemptId: optionalText,
    bname: optionalText,
  }),
  response: header<PopLiteMessageResponse>({
    popTime: integer,
    invisibleTime: integer,
    reviveQid: integer,
    orderCountInfo: optionalText,
  }),
};
