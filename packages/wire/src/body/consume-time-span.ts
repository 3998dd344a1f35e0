import type { MessageQueue } from '@skylarkmq/message';
import { javaBody } from './json-body.ts';
import { messageQueueJson } from './message-queue.ts';

/** Store times of a queue, milliseconds since the epoch. */
export interface QueueTimeSpan {
  readonly queue: MessageQueue;
  readonly minTimeStamp: number;
  readonly maxTimeStamp: number;
  /** Of the last message that the group consumed. */
  readonly consumeTimeStamp: number;
  /** How old the next message that the group will consume is, milliseconds. */
  readonly delayTime: number;
}

/** Body of QUERY_CONSUME_TIME_SPAN; times also as text, local time. */
export function encodeConsumeTimeSpans(spans: readonly QueueTimeSpan[]): Buffer {
  const list = spans.map((span) => ({
    consumeTimeStamp: span.consumeTimeStamp,
    consumeTimeStampStr: localTimeText(span.consumeTimeStamp),
    delayTime: span.delayTime,
    maxTimeStamp: span.maxTimeStamp,
    maxTimeStampStr: localTimeText(span.maxTimeStamp),
    messageQueue: messageQueueJson(span.queue),
    minTimeStamp: span.minTimeStamp,
    minTimeStampStr: localTimeText(span.minTimeStamp),
  }));
  return javaBody({ consumeTimeSpanSet: list });
}

/** `yyyy-MM-dd#HH:mm:ss:SSS`. RocketMQ: UtilAll.YYYY_MM_DD_HH_MM_SS_SSS */
function localTimeText(timestampMs: number): string {
  const date = new Date(timestampMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day}#${time}:${String(date.getMilliseconds()).padStart(3, '0')}`;
}
