/** What becomes of a message that is sent as the first half of a transaction. */
import { PropertyName, SystemFlag, SystemTopic } from '@skylarkmq/message';
import { ResponseCode, type SendMessageScan } from '@skylarkmq/wire';
import type { BrokerSettings } from '../settings.ts';
import { delayLevelOf } from './delayed-properties.ts';
import type { Refusal } from './put-answer.ts';

const TRUE = 'true';

/** Whether a message is the first half of a transaction. */
// RocketMQ: SendMessageProcessor#sendMessage: a retried message may carry the mark from before.
export function isHalfMessage(
  properties: ReadonlyMap<string, string>,
  { reconsumeTimes }: Pick<SendMessageScan, 'reconsumeTimes'>,
): boolean {
  if (properties.get(PropertyName.TransactionPrepared)?.toLowerCase() !== TRUE) return false;
  return !(reconsumeTimes > 0 && delayLevelOf(properties) > 0);
}

/** Why no half message is taken; undefined when it is. */
export function halfRefusal(
  settings: Pick<BrokerSettings, 'rejectTransactionMessage'>,
  brokerAddress: string,
  busyReason: string | undefined,
): Refusal | undefined {
  if (settings.rejectTransactionMessage) {
    const host = brokerAddress.slice(0, brokerAddress.lastIndexOf(':'));
    const remark = `the broker[${host}] sending transaction message is forbidden`;
    return { code: ResponseCode.NoPermission, remark };
  }
  if (busyReason === undefined) return undefined;
  return { code: ResponseCode.SystemBusy, remark: `[TRANSACTIONS]broker busy: ${busyReason}` };
}

/** What is kept of a half besides its record. */
export interface HalfMessage {
  readonly topic: string;
  /** Seconds that it asks to be left in peace, as given. */
  readonly immunity: string | undefined;
}

/** Notes in the properties where the message belongs; it is put into the half queue. */
// RocketMQ: TransactionalMessageBridge#parseHalfMessageInner
export function halfMessage(
  properties: Map<string, string>,
  place: { readonly topic: string; readonly queueId: number },
  newKey: () => string,
): HalfMessage {
  const key = properties.get(PropertyName.UniqueKey) ?? newKey();
  properties.set(PropertyName.UniqueKey, key);
  properties.set(PropertyName.TransactionId, key);
  properties.set(PropertyName.RealTopic, place.topic);
  properties.set(PropertyName.RealQueueId, String(place.queueId));
  return { topic: place.topic, immunity: properties.get(PropertyName.CheckImmunityTime) };
}

export const HALF_PLACE: { readonly topic: string; readonly queueId: number } = {
  topic: SystemTopic.TransactionHalf,
  queueId: 0,
};

/** The sysFlag of a half in the log: it lies in a queue as any other message. */
export function halfSysFlag(sysFlag: number): number {
  return sysFlag & ~SystemFlag.TransactionMask;
}
