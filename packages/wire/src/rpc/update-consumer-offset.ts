/** Commits an offset; usually one-way. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, integer, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface UpdateConsumerOffsetRequest {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly queueId: number;
  readonly commitOffset: number;
  readonly bname?: string | undefined;
}

export const UpdateConsumerOffset: Rpc<UpdateConsumerOffsetRequest, NoFields> = {
  code: RequestCode.UpdateConsumerOffset,
  request: header<UpdateConsumerOffsetRequest>({
    consumerGroup: text,
    topic: text,
    queueId: integer,
    commitOffset: integer,
    bname: optionalText,
  }),
  response: noFields,
};
