/**
 * The broker asks a producer how a transaction ended; the body is the half message as a record,
 * with its real topic. The offsets are those that the producer's END_TRANSACTION must name.
 */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, integer, optionalText } from '../schema.ts';

/** Fields of the request. */
export interface CheckTransactionStateRequest {
  readonly topic?: string | undefined;
  readonly tranStateTableOffset: number;
  readonly commitLogOffset: number;
  readonly msgId?: string | undefined;
  readonly transactionId?: string | undefined;
  readonly offsetMsgId?: string | undefined;
  readonly bname?: string | undefined;
}

export const CheckTransactionState: Rpc<CheckTransactionStateRequest, NoFields> = {
  code: RequestCode.CheckTransactionState,
  request: header<CheckTransactionStateRequest>({
    topic: optionalText,
    tranStateTableOffset: integer,
    commitLogOffset: integer,
    msgId: optionalText,
    transactionId: optionalText,
    offsetMsgId: optionalText,
    bname: optionalText,
  }),
  response: noFields,
};
