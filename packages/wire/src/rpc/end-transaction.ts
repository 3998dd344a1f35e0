/**
 * A producer says how a transaction ended. The two offsets are those of its half message;
 * commitOrRollback is the transaction's bits of the sysFlag: 8 commit, 12 rollback, 0 not known.
 */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { booleanOr, header, integer, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface EndTransactionRequest {
  readonly topic?: string | undefined;
  readonly producerGroup: string;
  readonly tranStateTableOffset: number;
  readonly commitLogOffset: number;
  readonly commitOrRollback: number;
  readonly fromTransactionCheck: boolean;
  readonly msgId: string;
  readonly transactionId?: string | undefined;
  readonly bname?: string | undefined;
}

export const EndTransaction: Rpc<EndTransactionRequest, NoFields> = {
  code: RequestCode.EndTransaction,
  request: header<EndTransactionRequest>({
    topic: optionalText,
    producerGroup: text,
    tranStateTableOffset: integer,
    commitLogOffset: integer,
    commitOrRollback: integer,
    fromTransactionCheck: booleanOr(false),
    msgId: text,
    transactionId: optionalText,
    bname: optionalText,
  }),
  response: noFields,
};
