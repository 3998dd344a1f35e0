/** Takes back a message that waits for its time. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface RecallMessageRequest {
  readonly producerGroup?: string | undefined;
  readonly topic: string;
  readonly recallHandle: string;
  readonly bname?: string | undefined;
}

/** Fields of the answer. */
export interface RecallMessageResponse {
  /** The message's unique key. */
  readonly msgId: string;
  /** Where the broker is: Apache adds it to all answers of its sender. */
  readonly MSG_REGION?: string | undefined;
}

export const RecallMessage: Rpc<RecallMessageRequest, RecallMessageResponse> = {
  code: RequestCode.RecallMessage,
  request: header<RecallMessageRequest>({
    producerGroup: optionalText,
    topic: text,
    recallHandle: text,
    bname: optionalText,
  }),
  response: header<RecallMessageResponse>({ msgId: text, MSG_REGION: optionalText }),
};
