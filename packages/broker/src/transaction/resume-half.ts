/** Begins anew with a transaction that was given up. */
import { PropertyName, SystemTopic } from '@skylarkmq/message';
import type { MessageStore } from '@skylarkmq/store';
import { storedCode } from '../send/put-answer.ts';
import { checksOf, copyOf, halfRecordAt } from './half-record.ts';
import type { Transactions } from './transactions.ts';

export interface ResumeHalfDeps {
  readonly store: Pick<MessageStore, 'put' | 'readRecord' | 'statusReason'>;
  readonly transactions: Transactions;
}

/**
 * The message at `physicalOffset` is a half that is still pending, whose questions are counted from
 * 0 again, or the copy of one that was given up, which becomes a half again. Undefined, or why not.
 * A half that has ended stays ended: a second outcome would contradict the first.
 */
export async function resumeHalf(
  physicalOffset: number,
  deps: ResumeHalfDeps,
): Promise<string | undefined> {
  const { store, transactions } = deps;
  await transactions.loaded();
  const record = await store.readRecord(physicalOffset);
  if (record === null) return 'no message is at that place of the log (any more)';
  const half = halfRecordAt(record);
  if (half !== undefined) {
    const pending = transactions.halves.find(half.view.queueOffset);
    if (pending === undefined) {
      const cure = `a transaction that was given up is resumed by the id of its message in`;
      return `this half has its outcome; ${cure} ${SystemTopic.TransactionCheckMax}`;
    }
    pending.checks = 0;
    return undefined;
  }
  const copy = halfRecordAt(record, 0, SystemTopic.TransactionCheckMax);
  if (copy === undefined) return 'the message there is not of a transaction';
  const { refusal } = transactions;
  if (refusal !== undefined) return refusal;
  const properties = new Map(copy.properties);
  properties.delete(PropertyName.TransactionPreparedQueueOffset);
  if (checksOf(properties) > 0) properties.set(PropertyName.TransactionCheckTimes, '0');
  const place = { topic: SystemTopic.TransactionHalf, queueId: 0 };
  const stored = await store.put(copyOf(copy, place, properties));
  if (storedCode(stored.status) === undefined) return `${stored.status} ${store.statusReason}`;
  const { bornTimestamp } = copy.view;
  const immunity = properties.get(PropertyName.CheckImmunityTime);
  transactions.took({ ...stored, bornTimestamp }, copy.topic, immunity);
  return undefined;
}
