/**
 * Trace records as text: fields with U+0001 between them, U+0002 behind each record
 * (docs/formats/trace-record.md).
 */
import {
  type ConsumeEndTrace,
  type ConsumeStartTrace,
  type EndTransactionTrace,
  type PublishTrace,
  type RecallTrace,
  TRACED_KINDS,
  TRACED_OUTCOMES,
  type TracedKind,
  type TracedOutcome,
  type TraceRecord,
} from './trace-record.ts';

const FIELD_END = '\u0001';
const RECORD_END = '\u0002';
/** What Java prints for a value that is not there. */
const ABSENT = 'null';
/** A trace message holds 20 records at most; this many are read of any body. */
const RECORDS_MAX = 10_000;

/** One record as text. Separators inside of values become blanks. */
// RocketMQ: TraceDataEncoder#encoderFromContextBean
export function encodeTrace(record: TraceRecord): string {
  return fieldsOf(record).map(fieldText).join(FIELD_END) + RECORD_END;
}

/**
 * The records in the body of a trace message, whoever wrote it. Lines that are no record (other
 * kinds of other versions, torn ones) are left out.
 */
// RocketMQ: TraceDataEncoder#decoderFromTraceDataString
export function decodeTrace(body: string | Uint8Array): readonly TraceRecord[] {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  const records: TraceRecord[] = [];
  let start = 0;
  while (start < text.length && records.length < RECORDS_MAX) {
    const found = text.indexOf(RECORD_END, start);
    const end = found < 0 ? text.length : found;
    const record = decodeLine(text.slice(start, end).split(FIELD_END));
    if (record !== undefined) records.push(record);
    start = end + 1;
  }
  return records;
}

type Field = string | number | boolean | undefined;

function fieldsOf(record: TraceRecord): readonly Field[] {
  switch (record.type) {
    case 'Pub':
      return [
        ...originOf(record),
        record.topic,
        record.messageId,
        record.tags,
        record.keys,
        record.storeHost,
        record.bodyBytes,
        record.costMs,
        TRACED_KINDS.indexOf(record.kind),
        record.offsetMessageId,
        record.success,
      ];
    case 'SubBefore':
      return [
        ...originOf(record),
        record.requestId,
        record.messageId,
        record.reconsumeTimes,
        record.keys,
      ];
    case 'SubAfter':
      return [
        record.type,
        record.requestId,
        record.messageId,
        record.costMs,
        record.success,
        record.keys,
        TRACED_OUTCOMES.indexOf(record.outcome),
        record.timestamp,
        record.group,
      ];
    case 'EndTransaction':
      return [
        ...originOf(record),
        record.topic,
        record.messageId,
        record.tags,
        record.keys,
        record.storeHost,
        TRACED_KINDS.indexOf(record.kind),
        record.transactionId,
        record.state,
        record.fromCheck,
      ];
    case 'Recall':
      return [...originOf(record), record.topic, record.messageId, record.success];
  }
}

function originOf(record: Exclude<TraceRecord, ConsumeEndTrace>): readonly Field[] {
  return [record.type, record.timestamp, record.regionId, record.group];
}

function fieldText(field: Field): string {
  if (field === undefined) return ABSENT;
  const text = String(field);
  const isClean = !text.includes(FIELD_END) && !text.includes(RECORD_END);
  return isClean ? text : text.replaceAll(FIELD_END, ' ').replaceAll(RECORD_END, ' ');
}

function decodeLine(fields: readonly string[]): TraceRecord | undefined {
  switch (fields[0]) {
    case 'Pub':
      return decodePublish(fields);
    case 'SubBefore':
      return decodeStart(fields);
    case 'SubAfter':
      return decodeEnd(fields);
    case 'EndTransaction':
      return decodeEndTransaction(fields);
    case 'Recall':
      return decodeRecall(fields);
    default:
      return undefined;
  }
}

const PUBLISH_FIELDS_MIN = 13;
/** From this many on the id that the broker gave stands before the result. */
const PUBLISH_FIELDS_WITH_OFFSET_ID = 14;

function decodePublish(fields: readonly string[]): PublishTrace | undefined {
  if (fields.length < PUBLISH_FIELDS_MIN) return undefined;
  const hasOffsetId = fields.length >= PUBLISH_FIELDS_WITH_OFFSET_ID;
  const clientHost = fields[14];
  return {
    type: 'Pub',
    ...decodeOrigin(fields),
    topic: text(fields[4]),
    messageId: text(fields[5]),
    tags: optional(fields[6]),
    keys: optional(fields[7]),
    storeHost: text(fields[8]),
    bodyBytes: number(fields[9]),
    costMs: number(fields[10]),
    kind: kindOf(fields[11]),
    offsetMessageId: hasOffsetId ? text(fields[12]) : '',
    success: (hasOffsetId ? fields[13] : fields[12]) === 'true',
    ...(clientHost === undefined ? {} : { clientHost }),
  };
}

const START_FIELDS_MIN = 7;

function decodeStart(fields: readonly string[]): ConsumeStartTrace | undefined {
  if (fields.length < START_FIELDS_MIN) return undefined;
  return {
    type: 'SubBefore',
    ...decodeOrigin(fields),
    requestId: text(fields[4]),
    messageId: text(fields[5]),
    reconsumeTimes: number(fields[6]),
    keys: optional(fields[7]),
  };
}

const END_FIELDS_MIN = 5;

function decodeEnd(fields: readonly string[]): ConsumeEndTrace | undefined {
  if (fields.length < END_FIELDS_MIN) return undefined;
  const success = fields[4] === 'true';
  const code = optional(fields[6]);
  const byResult = success ? 'success' : 'failed';
  const timestamp = optional(fields[7]);
  return {
    type: 'SubAfter',
    requestId: text(fields[1]),
    messageId: text(fields[2]),
    costMs: number(fields[3]),
    success,
    keys: optional(fields[5]),
    outcome: code === undefined ? byResult : outcomeOf(code, byResult),
    timestamp: timestamp === undefined ? undefined : number(timestamp),
    group: optional(fields[8]),
  };
}

const END_TRANSACTION_FIELDS_MIN = 13;

function decodeEndTransaction(fields: readonly string[]): EndTransactionTrace | undefined {
  if (fields.length < END_TRANSACTION_FIELDS_MIN) return undefined;
  return {
    type: 'EndTransaction',
    ...decodeOrigin(fields),
    topic: text(fields[4]),
    messageId: text(fields[5]),
    tags: optional(fields[6]),
    keys: optional(fields[7]),
    storeHost: text(fields[8]),
    kind: kindOf(fields[9]),
    transactionId: optional(fields[10]),
    state: text(fields[11]),
    fromCheck: fields[12] === 'true',
  };
}

const RECALL_FIELDS_MIN = 7;

function decodeRecall(fields: readonly string[]): RecallTrace | undefined {
  if (fields.length < RECALL_FIELDS_MIN) return undefined;
  return {
    type: 'Recall',
    ...decodeOrigin(fields),
    topic: text(fields[4]),
    messageId: text(fields[5]),
    success: fields[6] === 'true',
  };
}

function decodeOrigin(fields: readonly string[]): {
  timestamp: number;
  regionId: string;
  group: string;
} {
  return { timestamp: number(fields[1]), regionId: text(fields[2]), group: text(fields[3]) };
}

function text(field: string | undefined): string {
  return field === undefined || field === ABSENT ? '' : field;
}

function optional(field: string | undefined): string | undefined {
  return field === undefined || field === '' || field === ABSENT ? undefined : field;
}

function number(field: string | undefined): number {
  const value = Number(field);
  return Number.isFinite(value) ? value : 0;
}

function kindOf(field: string | undefined): TracedKind {
  return TRACED_KINDS[number(field)] ?? 'normal';
}

function outcomeOf(code: string, fallback: TracedOutcome): TracedOutcome {
  return TRACED_OUTCOMES[number(code)] ?? fallback;
}
