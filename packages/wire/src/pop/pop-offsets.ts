/**
 * What the answer to a POP says of its messages beside them: `startOffsetInfo`, `msgOffsetInfo` and
 * `orderCountInfo`. Entries have blanks inside and semicolons between. RocketMQ: ExtraInfoUtil
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { type PopTopicKind, popTopicKind } from '@skylarkmq/message';

const ENTRY_END = ';';
const FIELD_END = ' ';
const OFFSET_END = ',';
const QUEUE_OFFSET_MARK = 'qo';
const QUEUE_OFFSET_JOINT = '%';

/** Where the check point of a queue starts. */
export interface PopStartOffset {
  readonly kind: PopTopicKind;
  readonly queueId: number;
  readonly startOffset: number;
}

/** Which messages of a queue are in the answer, in the order of the body. */
export interface PopMessageOffsets {
  readonly kind: PopTopicKind;
  readonly queueId: number;
  readonly offsets: readonly number[];
}

/** How often a message was handed out before; without an offset: the first one of the queue. */
export interface PopOrderCount {
  readonly kind: PopTopicKind;
  readonly queueId: number;
  readonly queueOffset?: number | undefined;
  readonly count: number;
}

export function formatPopStartOffsets(entries: readonly PopStartOffset[]): string {
  return entries.map((one) => `${one.kind} ${one.queueId} ${one.startOffset}`).join(ENTRY_END);
}

/** CORRUPT when the text is not of this form; no entries when there is none. */
export function parsePopStartOffsets(text: string | undefined): PopStartOffset[] {
  return entriesOf(text, 'startOffsetInfo').map(([kind, queueId, start]) => ({
    kind: kindOf(kind),
    queueId: integerOf(queueId),
    startOffset: integerOf(start),
  }));
}

export function formatPopMessageOffsets(entries: readonly PopMessageOffsets[]): string {
  return entries
    .map((one) => `${one.kind} ${one.queueId} ${one.offsets.join(OFFSET_END)}`)
    .join(ENTRY_END);
}

/** CORRUPT when the text is not of this form; no entries when there is none. */
export function parsePopMessageOffsets(text: string | undefined): PopMessageOffsets[] {
  return entriesOf(text, 'msgOffsetInfo').map(([kind, queueId, offsets = '']) => ({
    kind: kindOf(kind),
    queueId: integerOf(queueId),
    offsets: offsets.split(OFFSET_END).map(integerOf),
  }));
}

export function formatPopOrderCounts(entries: readonly PopOrderCount[]): string {
  return entries.map(formatOrderCount).join(ENTRY_END);
}

/** CORRUPT when the text is not of this form; no entries when there is none. */
export function parsePopOrderCounts(text: string | undefined): PopOrderCount[] {
  return entriesOf(text, 'orderCountInfo').map(([kind, place = '', count]) => ({
    kind: kindOf(kind),
    ...placeOf(place),
    count: integerOf(count),
  }));
}

function formatOrderCount({ kind, queueId, queueOffset, count }: PopOrderCount): string {
  const place =
    queueOffset === undefined
      ? String(queueId)
      : `${QUEUE_OFFSET_MARK}${queueId}${QUEUE_OFFSET_JOINT}${queueOffset}`;
  return `${kind} ${place} ${count}`;
}

function placeOf(text: string): { queueId: number; queueOffset?: number } {
  if (!text.startsWith(QUEUE_OFFSET_MARK)) return { queueId: integerOf(text) };
  const [queueId, queueOffset] = text.slice(QUEUE_OFFSET_MARK.length).split(QUEUE_OFFSET_JOINT);
  return { queueId: integerOf(queueId), queueOffset: integerOf(queueOffset) };
}

function entriesOf(text: string | undefined, name: string): string[][] {
  if (text === undefined || text === '') return [];
  return text.split(ENTRY_END).map((entry) => {
    const fields = entry.split(FIELD_END);
    if (fields.length === 3) return fields;
    throw corrupt(`${name} has an entry of ${fields.length} fields instead of 3`);
  });
}

function kindOf(text: string | undefined): PopTopicKind {
  const kind = popTopicKind(text);
  if (kind === undefined) throw corrupt(`${text} is not the kind of a popped topic: 0, 1 or 2`);
  return kind;
}

function integerOf(text = ''): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && String(value) === text) return value;
  throw corrupt(`${JSON.stringify(text.slice(0, 40))} is not an integer`);
}

function corrupt(reason: string): MqError {
  return new MqError(MqErrorCode.Corrupt, reason);
}
