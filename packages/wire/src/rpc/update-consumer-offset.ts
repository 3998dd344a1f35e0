/** Commits an offset; usually one-way. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, integer, optionalBoolean, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface UpdateConsumerOffsetRequest {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly queueId: number;
  readonly commitOffset: number;
  /** False: `queueId` is of a physical queue, also when the topic is static. */
  readonly lo?: boolean | undefined;
  readonly bname?: string | undefined;
}

export const UpdateConsumerOffset: Rpc<UpdateConsumerOffsetRequest, NoFields> = {
  code: RequestCode.UpdateConsumerOffset,
  request: header<UpdateConsumerOffsetRequest>({
    consumerGroup: text,
    topic: text,
    queueId: integer,
    commitOffset: integer,
    lo: optionalBoolean,
    bname: optionalText,
  }),
  response: noFields,
};
