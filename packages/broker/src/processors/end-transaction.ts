/** A producer says how a transaction ended (37). */

import type { Clock, Logger } from '@skylarkmq/base';
import { encodeOffsetMessageId, PropertyName, SystemFlag } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import { type MessageStore, PutStatus } from '@skylarkmq/store';
import {
  type Command,
  EndTransaction,
  type EndTransactionRequest,
  type Outgoing,
  ResponseCode,
} from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';
import { type Refusal, refusalOf, storedCode } from '../send/put-answer.ts';
import type { BrokerSettings } from '../settings.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import { type HalfRecord, halfRecordAt, immunityMsOf } from '../transaction/half-record.ts';
import type { PendingHalf } from '../transaction/pending-halves.ts';
import type { Transactions } from '../transaction/transactions.ts';

const SUCCESS: Outgoing = { code: ResponseCode.Success };

export interface EndTransactionDeps {
  readonly transactions: Transactions;
  readonly store: Pick<MessageStore, 'readRecord' | 'statusReason'>;
  readonly stats: BrokerStats;
  readonly identity: BrokerIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

export function registerEndTransaction(server: RemotingServer, deps: EndTransactionDeps): void {
  server.register(EndTransaction.code, (command) => end(command, deps));
}

// RocketMQ: EndTransactionProcessor#processRequest
async function end(command: Command, deps: EndTransactionDeps): Promise<Outgoing> {
  const request = EndTransaction.request.decode(command.ext);
  const { commitOrRollback: outcome } = request;
  const isCommit = outcome === SystemFlag.TransactionCommit;
  // Not known yet: the producer is asked again.
  if (!isCommit && outcome !== SystemFlag.TransactionRollback) return SUCCESS;
  await deps.transactions.loaded();
  const { commitLogOffset } = request;
  const known = deps.transactions.halves.find(request.tranStateTableOffset);
  const bytes = known?.physicalOffset === commitLogOffset ? known.recordBytes : undefined;
  const record = await deps.store.readRecord(commitLogOffset, bytes);
  const half = record === null ? undefined : halfRecordAt(record);
  const refusal = half === undefined ? notFound() : refusalFor(request, half, deps);
  if (half === undefined || refusal !== undefined)
    return refuse(request, refusal ?? notFound(), deps);
  const pending = deps.transactions.halves.find(request.tranStateTableOffset);
  if (pending === undefined) return refuse(request, endedBefore(request), deps);
  if (isCommit) return commit(command, request, pending, half, deps);
  deps.transactions.drop(pending, half.topic);
  if (!command.isOneway) await deps.transactions.operations.stored();
  return SUCCESS;
}

function commit(
  command: Command,
  request: EndTransactionRequest,
  pending: PendingHalf,
  half: HalfRecord,
  deps: EndTransactionDeps,
): Outgoing | Promise<Outgoing> {
  const { transactions, store, stats } = deps;
  let stored: (status: PutStatus) => void = () => {};
  const answer = command.isOneway
    ? SUCCESS
    : new Promise<Outgoing>((resolve) => {
        stored = (status) => resolve(answerOf(status, deps));
      });
  const completion = { completed: (status: PutStatus): void => stored(status) };
  const status = transactions.commit(pending, half, completion);
  if (status !== PutStatus.Ok) {
    const { maxMessageSize } = deps.settings();
    return refuse(request, refusalOf(status, store.statusReason, maxMessageSize), deps);
  }
  stats.topic(half.topic).put(half.queueId, 1, half.view.totalSize);
  return answer;
}

// RocketMQ: EndTransactionProcessor#sendFinalMessage
function answerOf(status: PutStatus, deps: EndTransactionDeps): Outgoing {
  if (storedCode(status) !== undefined) return SUCCESS;
  return refusalOf(status, deps.store.statusReason, deps.settings().maxMessageSize);
}

/** Most producers do not wait for an answer: what is refused is said here, too. */
function refuse(
  request: EndTransactionRequest,
  refusal: Refusal,
  { logger }: EndTransactionDeps,
): Refusal {
  const { producerGroup, msgId, tranStateTableOffset, commitLogOffset } = request;
  const fields = { producerGroup, msgId, tranStateTableOffset, commitLogOffset };
  logger.debug({ ...fields, reason: refusal.remark }, 'The end of a transaction is refused');
  return refusal;
}

// RocketMQ: EndTransactionProcessor#checkPrepareMessage, #rejectCommitOrRollback
function refusalFor(
  request: EndTransactionRequest,
  half: HalfRecord,
  deps: EndTransactionDeps,
): Refusal | undefined {
  const { group, uniqueKey, view } = half;
  if (group !== request.producerGroup) {
    return wrong('The producer group wrong', `the message is of ${group}`);
  }
  if (view.queueOffset !== request.tranStateTableOffset) {
    const cause = `the message there is number ${view.queueOffset} of the half queue`;
    return wrong('The transaction state table offset wrong', cause);
  }
  if (view.physicalOffset !== request.commitLogOffset) {
    return wrong('The commit log offset wrong', `the message is at ${view.physicalOffset}`);
  }
  const { storeHost } = deps.identity;
  const { msgId } = request;
  const isKnown = msgId === uniqueKey || uniqueKey === '' || msgId === '';
  if (!isKnown && msgId !== encodeOffsetMessageId(storeHost, view.physicalOffset)) {
    return wrong('The message id wrong', `the message is ${uniqueKey}, not ${msgId}`);
  }
  return tooLate(request, half, deps);
}

function tooLate(
  request: EndTransactionRequest,
  { properties, view }: HalfRecord,
  { clock, settings }: EndTransactionDeps,
): Refusal | undefined {
  const immunityMs = immunityMsOf(properties.get(PropertyName.CheckImmunityTime));
  if (request.fromTransactionCheck || immunityMs < 0) return undefined;
  const limitMs = Math.max(immunityMs, settings().transactionTimeOut);
  const ageMs = clock.nowMs() - view.bornTimestamp;
  if (ageMs <= limitMs) return undefined;
  const official =
    'Message commit fail [producer end]. currentTimeMillis - bornTime > checkImmunityTime';
  const remark = `${official}, msgId=${request.msgId},commitLogOffset=${request.commitLogOffset}`;
  return { code: ResponseCode.IllegalOperation, remark };
}

function notFound(): Refusal {
  const cause = 'no half message is at that place of the log (any more)';
  return wrong('Find prepared transaction message failed', cause);
}

function endedBefore({ tranStateTableOffset }: EndTransactionRequest): Refusal {
  const cause =
    `the half message ${tranStateTableOffset} was committed, rolled back or given up before; ` +
    'the first outcome counts';
  return wrong('The transaction has ended', cause);
}

function wrong(official: string, cause: string): Refusal {
  return { code: ResponseCode.SystemError, remark: `${official}. Cause: ${cause}.` };
}
