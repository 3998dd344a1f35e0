import { EndTransaction, type EndTransactionRequest, type Outgoing } from '@skylarkmq/wire';
import type { Requester, RequestOptions } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';

/** How a transaction ended, in the bits that travel. */
// RocketMQ: MessageSysFlag#TRANSACTION_COMMIT_TYPE, #TRANSACTION_ROLLBACK_TYPE
export const OutcomeCode = { commit: 8, rollback: 12 } as const;

/** Tells the broker how a transaction ended, and waits until it is stored. */
export async function endTransaction(
  requester: Requester,
  address: string,
  request: EndTransactionRequest,
  options: RequestOptions,
): Promise<void> {
  const answer = await requester.request(address, outgoing(request), options);
  expectSuccess(answer, `The end of the transaction of message ${request.msgId}`);
}

/** The same without an answer. */
export function endTransactionOneway(
  requester: Requester,
  address: string,
  request: EndTransactionRequest,
): Promise<void> {
  return requester.oneway(address, outgoing(request));
}

function outgoing(request: EndTransactionRequest): Outgoing {
  return { code: EndTransaction.code, ext: EndTransaction.request.encode(request) };
}
