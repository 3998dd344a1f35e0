/** A look at the next messages that takes none of them. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, optionalText, text } from '../schema.ts';
import { PopMessage, type PopMessageResponse } from './pop-message.ts';

/** Fields of the request. */
export interface PeekMessageRequest {
  readonly topic: string;
  readonly queueId: number;
  readonly maxMsgNums: number;
  readonly consumerGroup: string;
  readonly bname?: string | undefined;
}

export const PeekMessage: Rpc<PeekMessageRequest, PopMessageResponse> = {
  code: RequestCode.PeekMessage,
  request: header<PeekMessageRequest>({
    topic: text,
    queueId: integer,
    maxMsgNums: integer,
    consumerGroup: text,
    bname: optionalText,
  }),
  response: PopMessage.response,
};
