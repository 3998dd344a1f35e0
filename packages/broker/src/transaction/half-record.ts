/**
 * A half message as it lies in the log, and what is made of it: the committed message, its next
 * copy, the question to the producer, the copy for the operator.
 */
import {
  decodeProperties,
  encodeProperties,
  encodeRecord,
  HOST_V4_BYTES,
  HOST_V6_BYTES,
  hasPropertyCrc,
  PROPERTY_CRC_BYTES,
  PropertyName,
  RecordFields,
  RecordKind,
  RecordView,
  recordLength,
  SystemFlag,
  SystemTopic,
} from '@skylarkmq/message';
import type { PutMessage } from '@skylarkmq/store';

/** Topics of more bytes need the second record version. */
const TOPIC_V1_BYTES_MAX = 127;

/** A half that was read. The record's bytes are kept, not copied. */
export interface HalfRecord {
  readonly view: RecordView;
  readonly properties: ReadonlyMap<string, string>;
  /** The encoded properties, without a checksum. */
  readonly encoded: Buffer;
  readonly topic: string;
  readonly queueId: number;
  readonly group: string;
  readonly uniqueKey: string;
}

/** Reads a half that is stored in `topic`; undefined when it is none, or belongs nowhere. */
export function halfRecordAt(
  record: Buffer,
  at = 0,
  topic: string = SystemTopic.TransactionHalf,
): HalfRecord | undefined {
  const view = new RecordView();
  if (view.at(record, at) !== RecordKind.Record) return undefined;
  if (record.toString('latin1', view.topicStart, view.topicEnd) !== topic) return undefined;
  const { propertiesStart, propertiesEnd } = view;
  const hasCrc = hasPropertyCrc(record, propertiesStart, propertiesEnd);
  const encoded = record.subarray(
    propertiesStart,
    propertiesEnd - (hasCrc ? PROPERTY_CRC_BYTES : 0),
  );
  const properties = decodeProperties(encoded, 0, encoded.length);
  const realTopic = properties.get(PropertyName.RealTopic) ?? '';
  const queueId = Number(properties.get(PropertyName.RealQueueId) ?? 'none');
  if (realTopic === '' || !Number.isInteger(queueId) || queueId < 0) return undefined;
  return {
    ...{ view, properties, encoded, queueId },
    topic: realTopic,
    group: properties.get(PropertyName.ProducerGroup) ?? '',
    uniqueKey: properties.get(PropertyName.UniqueKey) ?? '',
  };
}

/** When the transaction began: a producer's clock that is ahead does not count. */
export function sinceMsOf(bornTimestamp: number, storeTimestamp: number): number {
  return Math.min(bornTimestamp, storeTimestamp);
}

/** Milliseconds that a half asks to be left in peace; -1 when it says nothing. */
// RocketMQ: TransactionalMessageServiceImpl#getImmunityTime
export function immunityMsOf(text: string | undefined): number {
  if (text === undefined) return -1;
  const seconds = Number(text);
  return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds * 1000 : -1;
}

/** How often the half's producers were asked before this copy was made. */
export function checksOf(properties: ReadonlyMap<string, string>): number {
  const checks = Number(properties.get(PropertyName.TransactionCheckTimes) ?? '0');
  return Number.isSafeInteger(checks) && checks > 0 ? checks : 0;
}

/** The offset of the first copy; undefined for a first copy. */
export function firstOffsetOf(properties: ReadonlyMap<string, string>): number | undefined {
  const text = properties.get(PropertyName.TransactionPreparedQueueOffset);
  const offset = text === undefined ? Number.NaN : Number(text);
  return Number.isSafeInteger(offset) && offset >= 0 ? offset : undefined;
}

/** A copy of the half with other properties, for any place. */
export function copyOf(
  half: HalfRecord,
  place: { readonly topic: string; readonly queueId: number },
  properties: ReadonlyMap<string, string> | Buffer,
): PutMessage {
  const { view } = half;
  return {
    ...place,
    properties,
    body: view.buffer.subarray(view.bodyStart, view.bodyEnd),
    flag: view.flag,
    sysFlag: view.sysFlag & ~SystemFlag.TransactionMask,
    bornTimestamp: view.bornTimestamp,
    bornHost: bornHostOf(view),
    reconsumeTimes: view.reconsumeTimes,
  };
}

/** The half as a record with its real topic and queue: what its producer is asked about. */
// RocketMQ: AbstractTransactionalMessageCheckListener#sendCheckMessage
export function questionOf(
  half: HalfRecord,
  properties: ReadonlyMap<string, string>,
  queueOffset: number,
  physicalOffset: number,
): Buffer {
  const { view } = half;
  const fields = new RecordFields();
  const isV6 = (view.sysFlag & SystemFlag.StoreHostV6) !== 0;
  fields.queueId = half.queueId;
  fields.flag = view.flag;
  fields.queueOffset = queueOffset;
  fields.physicalOffset = physicalOffset;
  fields.sysFlag = view.sysFlag;
  fields.bornTimestamp = view.bornTimestamp;
  fields.bornHost = bornHostOf(view);
  fields.storeTimestamp = view.storeTimestamp;
  fields.storeHost = hostAt(view, view.storeHostStart, isV6);
  fields.reconsumeTimes = view.reconsumeTimes;
  fields.body = view.buffer.subarray(view.bodyStart, view.bodyEnd);
  fields.bodyEnd = fields.body.length;
  fields.topic = Buffer.from(half.topic);
  fields.v2 = fields.topic.length > TOPIC_V1_BYTES_MAX;
  fields.properties = encodeProperties(properties);
  fields.propertiesEnd = fields.properties.length;
  const bytes = recordLength(
    fields.bodyEnd,
    fields.topic.length,
    fields.propertiesEnd,
    fields.v2,
    fields.bornHost.length,
    fields.storeHost.length,
  );
  const record = Buffer.alloc(bytes);
  encodeRecord(record, 0, fields);
  return record;
}

export function bornHostOf(view: RecordView): Buffer {
  return hostAt(view, view.bornHostStart, (view.sysFlag & SystemFlag.BornHostV6) !== 0);
}

function hostAt(view: RecordView, start: number, isV6: boolean): Buffer {
  return view.buffer.subarray(start, start + (isV6 ? HOST_V6_BYTES : HOST_V4_BYTES));
}
