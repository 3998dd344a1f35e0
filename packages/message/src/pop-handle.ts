/**
 * The receipt of one message that was handed out by POP: what a consumer sends back to acknowledge
 * it or to keep it longer. Blank-separated text, 8 fields; gateways append the place in the log.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { popRetryTopic } from './topic-name.ts';

/** Which topic a popped message came from. */
export const PopTopicKind = {
  /** The topic itself. */
  Normal: '0',
  /** `%RETRY%group_topic`. */
  RetryV1: '1',
  /** `%RETRY%group+topic`. */
  RetryV2: '2',
} as const;

export type PopTopicKind = (typeof PopTopicKind)[keyof typeof PopTopicKind];

/** The revive queue that handles of ordered POP name: none. RocketMQ: KeyBuilder */
export const POP_ORDER_REVIVE_QUEUE = 999;

const SEPARATOR = ' ';
const FIELDS = 8;
const HANDLE_LENGTH_MAX = 1024;

/** A receipt, field by field. */
export interface PopHandle {
  /** Offset of the first message of the same check point. */
  readonly startOffset: number;
  /** When it was handed out, in ms since the epoch by the broker's clock. */
  readonly popTime: number;
  /** How long nobody else gets it, in ms from `popTime`. */
  readonly invisibleTime: number;
  /** Queue of the revive topic, or `POP_ORDER_REVIVE_QUEUE`. */
  readonly reviveQueueId: number;
  readonly topicKind: PopTopicKind;
  readonly brokerName: string;
  readonly queueId: number;
  /** Offset of the message itself in its queue. */
  readonly queueOffset: number;
}

export function formatPopHandle(handle: PopHandle): string {
  const { startOffset, popTime, invisibleTime, reviveQueueId, topicKind } = handle;
  const { brokerName, queueId, queueOffset } = handle;
  const place = `${topicKind} ${brokerName} ${queueId} ${queueOffset}`;
  return `${startOffset} ${popTime} ${invisibleTime} ${reviveQueueId} ${place}`;
}

/** INVALID_ARGUMENT says which field of the text is not one of a handle. */
export function parsePopHandle(text: string): PopHandle {
  if (text.length > HANDLE_LENGTH_MAX) {
    throw invalid(text, `it is longer than ${HANDLE_LENGTH_MAX} characters`);
  }
  const fields = text.split(SEPARATOR);
  if (fields.length < FIELDS) {
    throw invalid(text, `it has ${fields.length} fields instead of ${FIELDS}`);
  }
  const [start, popTime, invisible, reviveQueue, kind, brokerName = '', queue, offset] = fields;
  return {
    startOffset: integerField(text, 'start offset', start),
    popTime: integerField(text, 'pop time', popTime),
    invisibleTime: integerField(text, 'invisible time', invisible),
    reviveQueueId: integerField(text, 'revive queue', reviveQueue),
    topicKind: kindField(text, kind),
    brokerName,
    queueId: integerField(text, 'queue id', queue),
    queueOffset: integerField(text, 'queue offset', offset),
  };
}

/** Whether a message came from ordered POP. RocketMQ: ExtraInfoUtil#isOrder */
export function isOrderHandle(handle: PopHandle): boolean {
  return handle.reviveQueueId === POP_ORDER_REVIVE_QUEUE;
}

/** The topic that a popped message really lies in. RocketMQ: ExtraInfoUtil#getRealTopic */
export function popRealTopic(kind: PopTopicKind, group: string, topic: string): string {
  if (kind === PopTopicKind.Normal) return topic;
  return popRetryTopic(group, topic, kind === PopTopicKind.RetryV1 ? 1 : 2);
}

/** The kind that a text spells; undefined when it is none. */
export function popTopicKind(text: string | undefined): PopTopicKind | undefined {
  return Object.values(PopTopicKind).find((kind) => kind === text);
}

function kindField(handle: string, text: string | undefined): PopTopicKind {
  const kind = popTopicKind(text);
  if (kind === undefined) throw invalid(handle, `its topic kind ${text} is not 0, 1 or 2`);
  return kind;
}

function integerField(handle: string, name: string, text = ''): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && String(value) === text) return value;
  throw invalid(handle, `its ${name} is not an integer`);
}

function invalid(text: string, reason: string): MqError {
  const shown = JSON.stringify(text.slice(0, 100));
  return new MqError(MqErrorCode.InvalidArgument, `${shown} is no POP receipt: ${reason}`);
}
