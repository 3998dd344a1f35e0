/** Looks at records that are handed out, and rewrites those of retry topics for consumers. */
import {
  decodeProperties,
  encodeProperties,
  encodeRecord,
  formatPopHandle,
  HOST_V4_BYTES,
  HOST_V6_BYTES,
  isLmq,
  type PopHandle,
  PropertyName,
  RecordFields,
  RecordKind,
  RecordPosition,
  RecordView,
  SystemFlag,
} from '@skylarkmq/message';

const HIGH_WORD = 0x1_0000_0000;
/** More than the handle and the longer topic can add to a record. */
const EXTRA_BYTES = 2048;

/** Offsets in their queue of the records, one after the other in each slice. */
export function queueOffsetsOf(slices: readonly Buffer[], topic: string): number[] {
  const offsets: number[] = [];
  for (const slice of slices) {
    for (let at = 0; at < slice.length; at += slice.readInt32BE(at)) {
      offsets.push(queueOffsetAt(slice, at, topic));
    }
  }
  return offsets;
}

/** The offset of a record in a queue of the topic, which may be a light queue. */
export function queueOffsetAt(buffer: Buffer, start: number, topic: string): number {
  if (isLmq(topic)) return lightOffsetAt(buffer, start, topic);
  const at = start + RecordPosition.QueueOffset;
  return buffer.readInt32BE(at) * HIGH_WORD + buffer.readUInt32BE(at + 4);
}

function lightOffsetAt(buffer: Buffer, start: number, lightQueue: string): number {
  const view = new RecordView();
  view.at(buffer, start);
  const properties = decodeProperties(buffer, view.propertiesStart, view.propertiesEnd);
  const names = (properties.get(PropertyName.InnerMultiDispatch) ?? '').split(',');
  const offsets = (properties.get(PropertyName.InnerMultiQueueOffset) ?? '').split(',');
  return Number(offsets[names.indexOf(lightQueue)] ?? Number.NaN);
}

/** The records of a retry topic under the topic that the consumer asked for, with receipts. */
// RocketMQ: PopMessageProcessor#recodeRetryMessage
export function relabelled(
  slice: Buffer,
  topic: string,
  handle: Omit<PopHandle, 'queueOffset'>,
): Buffer {
  const view = new RecordView();
  const parts: Buffer[] = [];
  for (let at = 0; at < slice.length; at += view.totalSize) {
    if (view.at(slice, at) !== RecordKind.Record) break;
    const queueOffset = view.queueOffset;
    parts.push(encodedAgain(view, topic, formatPopHandle({ ...handle, queueOffset })));
  }
  return Buffer.concat(parts);
}

function encodedAgain(view: RecordView, topic: string, receipt: string): Buffer {
  const { buffer, sysFlag } = view;
  const properties = decodeProperties(buffer, view.propertiesStart, view.propertiesEnd);
  properties.delete(PropertyName.Crc32);
  properties.set(PropertyName.PopCheckpoint, receipt);
  const fields = new RecordFields();
  fields.queueId = view.queueId;
  fields.flag = view.flag;
  fields.queueOffset = view.queueOffset;
  fields.physicalOffset = view.physicalOffset;
  fields.sysFlag = sysFlag;
  fields.bornTimestamp = view.bornTimestamp;
  fields.bornHost = host(buffer, view.bornHostStart, (sysFlag & SystemFlag.BornHostV6) !== 0);
  fields.storeTimestamp = view.storeTimestamp;
  fields.storeHost = host(buffer, view.storeHostStart, (sysFlag & SystemFlag.StoreHostV6) !== 0);
  fields.reconsumeTimes = view.reconsumeTimes;
  fields.preparedTransactionOffset = view.preparedTransactionOffset;
  fields.body = buffer;
  fields.bodyStart = view.bodyStart;
  fields.bodyEnd = view.bodyEnd;
  fields.topic = Buffer.from(topic, 'utf8');
  fields.properties = encodeProperties(properties);
  fields.propertiesEnd = fields.properties.length;
  const target = Buffer.allocUnsafe(view.totalSize + EXTRA_BYTES);
  return target.subarray(0, encodeRecord(target, 0, fields));
}

function host(buffer: Buffer, start: number, isV6: boolean): Buffer {
  return buffer.subarray(start, start + (isV6 ? HOST_V6_BYTES : HOST_V4_BYTES));
}
