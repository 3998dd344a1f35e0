/** What a record of the timer queue says, and the messages that are made of it. */
import {
  decodeProperties,
  encodeProperties,
  HOST_V4_BYTES,
  HOST_V6_BYTES,
  hasPropertyCrc,
  PROPERTIES_BYTES_MAX,
  PROPERTY_CRC_BYTES,
  PropertyName,
  type RecordView,
  SystemFlag,
  SystemTopic,
} from '@skylarkmq/message';
import type { PutMessage } from '@skylarkmq/store';

export interface TimerRecord {
  readonly properties: ReadonlyMap<string, string>;
  readonly topic: string;
  readonly queueId: number;
  readonly outMs: number;
  readonly uniqueKey: string;
  /** Key of the message that this one deletes; empty for a message that is to be delivered. */
  readonly deletes: string;
}

/** Undefined when it does not say where and when to deliver it. */
export function timerRecordOf(view: RecordView): TimerRecord | undefined {
  const { buffer, propertiesStart } = view;
  const hasCrc = hasPropertyCrc(buffer, propertiesStart, view.propertiesEnd);
  const end = view.propertiesEnd - (hasCrc ? PROPERTY_CRC_BYTES : 0);
  const properties = decodeProperties(buffer, propertiesStart, end);
  const topic = properties.get(PropertyName.RealTopic) ?? '';
  const queueId = Number(properties.get(PropertyName.RealQueueId) ?? Number.NaN);
  const outMs = Number(properties.get(PropertyName.TimerOutMs) ?? Number.NaN);
  if (topic === '' || topic === SystemTopic.TransactionHalf) return undefined;
  if (!Number.isInteger(queueId) || queueId < 0 || !Number.isSafeInteger(outMs) || outMs <= 0) {
    return undefined;
  }
  const uniqueKey = properties.get(PropertyName.UniqueKey) ?? '';
  const deletes = properties.get(PropertyName.TimerDeleteUniqueKey) ?? '';
  return { properties, topic, queueId, outMs, uniqueKey, deletes };
}

export interface DeliveryTimes {
  readonly enqueuedMs: number;
  readonly nowMs: number;
}

/** The message as its consumers get it. Its properties stay, those of the timer among them. */
// RocketMQ: TimerMessageStore#convert, #convertMessage
export function deliveredMessage(
  view: RecordView,
  record: TimerRecord,
  times: DeliveryTimes,
): PutMessage {
  const properties = stamped(record.properties, times, []);
  return { ...copied(view), topic: record.topic, queueId: record.queueId, properties };
}

/** The message once more for the timer queue: its time is far away. */
export function rolledMessage(
  view: RecordView,
  record: TimerRecord,
  times: DeliveryTimes,
): PutMessage {
  const rolls = Number(record.properties.get(PropertyName.TimerRollTimes) ?? 0) || 0;
  const rolled: readonly [string, string] = [PropertyName.TimerRollTimes, String(rolls + 1)];
  const properties = stamped(record.properties, times, [rolled]);
  return { ...copied(view), topic: SystemTopic.Timer, queueId: 0, properties };
}

function stamped(
  properties: ReadonlyMap<string, string>,
  { enqueuedMs, nowMs }: DeliveryTimes,
  more: readonly (readonly [string, string])[],
): Buffer {
  const all = new Map(properties);
  all.set(PropertyName.TimerEnqueueMs, String(enqueuedMs));
  all.set(PropertyName.TimerDequeueMs, String(nowMs));
  for (const [name, value] of more) all.set(name, value);
  const encoded = encodeProperties(all);
  // Properties that just fit are stored as they are: the stamps are for information only.
  return encoded.length + PROPERTY_CRC_BYTES > PROPERTIES_BYTES_MAX
    ? encodeProperties(properties)
    : encoded;
}

function copied(view: RecordView): Omit<PutMessage, 'topic' | 'queueId'> {
  const { buffer, sysFlag } = view;
  const isV6 = (sysFlag & SystemFlag.BornHostV6) !== 0;
  const bornHostEnd = view.bornHostStart + (isV6 ? HOST_V6_BYTES : HOST_V4_BYTES);
  return {
    body: buffer.subarray(view.bodyStart, view.bodyEnd),
    flag: view.flag,
    sysFlag,
    bornTimestamp: view.bornTimestamp,
    bornHost: buffer.subarray(view.bornHostStart, bornHostEnd),
    reconsumeTimes: view.reconsumeTimes,
  };
}
