/** Records as objects, for everything that is not the hot path. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { decodeHost, HOST_V4_BYTES, HOST_V6_BYTES } from './host.ts';
import { encodeOffsetMessageId } from './message-id.ts';
import { decodeProperties } from './property-codec.ts';
import { RecordKind, RecordView } from './record-view.ts';
import type { StoredMessage } from './stored-message.ts';
import { SystemFlag } from './system-flag.ts';

/** What `decodeRecord` checks besides the form. */
export interface DecodeRecordOptions {
  /** Check body CRC and property CRC. Default true. */
  readonly verify?: boolean;
}

/**
 * Decodes the record at `offset`; body and ids refer to the buffer's bytes (no copy). CORRUPT when
 * there is no whole, valid record.
 */
export function decodeRecord(
  buffer: Buffer,
  offset = 0,
  options: DecodeRecordOptions = {},
): StoredMessage {
  const view = new RecordView();
  const kind = view.at(buffer, offset);
  if (kind !== RecordKind.Record) {
    const reason = kind === RecordKind.Corrupt ? view.reason : kind;
    throw new MqError(MqErrorCode.Corrupt, `No record at ${offset}: ${reason}`);
  }
  if (options.verify !== false && !view.checksumsMatch()) {
    const where = `queue ${view.queueId} offset ${view.queueOffset}`;
    throw new MqError(
      MqErrorCode.Corrupt,
      `Checksum of the record at ${offset} (${where}) differs`,
    );
  }
  return storedMessage(view);
}

/** Decodes records that follow each other, as a pull answers them. */
export function decodeRecords(buffer: Buffer, options: DecodeRecordOptions = {}): StoredMessage[] {
  const messages: StoredMessage[] = [];
  for (let at = 0; at < buffer.length; ) {
    const message = decodeRecord(buffer, at, options);
    messages.push(message);
    at += message.storeSize;
  }
  return messages;
}

/** The message that a view stands on. */
export function storedMessage(view: RecordView): StoredMessage {
  const { buffer, sysFlag } = view;
  const bornV6 = (sysFlag & SystemFlag.BornHostV6) !== 0;
  const storeV6 = (sysFlag & SystemFlag.StoreHostV6) !== 0;
  const storeHostEnd = view.storeHostStart + (storeV6 ? HOST_V6_BYTES : HOST_V4_BYTES);
  const storeHostBytes = buffer.subarray(view.storeHostStart, storeHostEnd);
  return {
    topic: buffer.toString('utf8', view.topicStart, view.topicEnd),
    queueId: view.queueId,
    queueOffset: view.queueOffset,
    physicalOffset: view.physicalOffset,
    flag: view.flag,
    sysFlag,
    bornTimestamp: view.bornTimestamp,
    bornHost: decodeHost(buffer, view.bornHostStart, bornV6),
    storeTimestamp: view.storeTimestamp,
    storeHost: decodeHost(buffer, view.storeHostStart, storeV6),
    reconsumeTimes: view.reconsumeTimes,
    preparedTransactionOffset: view.preparedTransactionOffset,
    body: buffer.subarray(view.bodyStart, view.bodyEnd),
    bodyCrc: view.bodyCrc,
    properties: decodeProperties(buffer, view.propertiesStart, view.propertiesEnd),
    storeSize: view.totalSize,
    offsetMessageId: encodeOffsetMessageId(storeHostBytes, Math.max(0, view.physicalOffset)),
  };
}
