/** Acknowledges one popped message. Many at once: batch-ack.ts among the bodies. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, integer, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface AckMessageRequest {
  readonly consumerGroup: string;
  /** The topic that the message really lies in: for retries the retry topic. */
  readonly topic: string;
  readonly queueId: number;
  /** The receipt: `PopHandle` of the message package. */
  readonly extraInfo: string;
  readonly offset: number;
  readonly liteTopic?: string | undefined;
  readonly bname?: string | undefined;
}

export const AckMessage: Rpc<AckMessageRequest, NoFields> = {
  code: RequestCode.AckMessage,
  request: header<AckMessageRequest>({
    consumerGroup: text,
    topic: text,
    queueId: integer,
    extraInfo: text,
    offset: integer,
    liteTopic: optionalText,
    bname: optionalText,
  }),
  response: noFields,
};
