/**
 * What becomes of a message that asks for a time: sends and committed transactions alike. One limit
 * for all of them.
 */
import type { Clock, Prng } from '@skylarkmq/base';
import { formatRecallHandle, isRetryTopic, PropertyName, SystemTopic } from '@skylarkmq/message';
import { timerDueMs, timerOutMs } from '@skylarkmq/store';
import { ResponseCode } from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';
import type { BrokerSettings } from '../settings.ts';
import { wantsTimer } from './delayed-properties.ts';
import type { Refusal } from './put-answer.ts';

export interface TimerPlaceDeps {
  readonly clock: Clock;
  readonly prng: Prng;
  /** How many messages are due in the second of a TIMER_OUT_MS; `TimerService` knows. */
  readonly timers: { countAt(outMs: number): number };
}

type Settings = Pick<
  BrokerSettings,
  'timerWheelEnable' | 'timerMaxDelaySec' | 'timerCongestNumEachSlot'
>;

const MS_PER_SECOND = 1000;
const INTEGER = /^[+-]?\d{1,18}$/;

/**
 * Turns a message that asks for a time in the future into one for the timer topic: notes the real
 * topic and queue and the time in `properties`, and answers where to put it; or why not. Undefined,
 * and nothing changed, when it asks for no time or one that is past: it goes where it was to go.
 */
// RocketMQ: HookUtils#handleScheduleMessage, #transformTimerMessage
export function placeTimer(
  properties: Map<string, string>,
  place: { readonly topic: string; readonly queueId: number },
  settings: Settings,
  deps: TimerPlaceDeps,
): { readonly topic: string; readonly queueId: number } | Refusal | undefined {
  // One that has this property has had its wait.
  if (place.topic === SystemTopic.Timer || properties.has(PropertyName.TimerOutMs))
    return undefined;
  if (!wantsTimer(properties)) return undefined;
  if (!settings.timerWheelEnable) return notEnabled();
  const nowMs = deps.clock.nowMs();
  const asked = timeAsked(properties, nowMs);
  if (typeof asked === 'string') return illegalTimer(asked, settings);
  if (asked <= nowMs) {
    const deletes = properties.has(PropertyName.TimerDeleteUniqueKey);
    return deletes ? illegalTimer('it deletes what was due before', settings) : undefined;
  }
  const delayMs = asked - nowMs;
  if (delayMs > settings.timerMaxDelaySec * MS_PER_SECOND) {
    return illegalTimer(`it asks for ${delayMs} ms (timerMaxDelaySec)`, settings);
  }
  const outMs = timerOutMs(asked);
  const congested = congestion(outMs, settings, deps);
  if (congested !== undefined) return congested;
  return notePlace(properties, place, outMs);
}

/**
 * The same for a message whose half was accepted: from now on it cannot be refused. A delay counts
 * from now.
 */
export function placeCommittedTimer(
  properties: Map<string, string>,
  place: { readonly topic: string; readonly queueId: number },
  nowMs: number,
): { readonly topic: string; readonly queueId: number } | undefined {
  if (properties.has(PropertyName.TimerOutMs) || !wantsTimer(properties)) return undefined;
  const asked = timeAsked(properties, nowMs);
  if (typeof asked === 'string' || asked <= nowMs) return undefined;
  return notePlace(properties, place, timerOutMs(asked));
}

function notePlace(
  properties: Map<string, string>,
  place: { readonly topic: string; readonly queueId: number },
  outMs: number,
): { readonly topic: string; readonly queueId: number } {
  properties.set(PropertyName.TimerOutMs, String(outMs));
  properties.set(PropertyName.RealTopic, place.topic);
  properties.set(PropertyName.RealQueueId, String(place.queueId));
  return { topic: SystemTopic.Timer, queueId: 0 };
}

/** When the message is to come, in milliseconds since the epoch; or what is wrong with that. */
function timeAsked(properties: ReadonlyMap<string, string>, nowMs: number): number | string {
  const seconds = properties.get(PropertyName.TimerDelaySeconds);
  const delayMs = properties.get(PropertyName.TimerDelayMs);
  const deliverMs = properties.get(PropertyName.TimerDeliverMs);
  if (seconds !== undefined) {
    return INTEGER.test(seconds) ? nowMs + Number(seconds) * MS_PER_SECOND : noNumber(seconds);
  }
  if (delayMs !== undefined) {
    return INTEGER.test(delayMs) ? nowMs + Number(delayMs) : noNumber(delayMs);
  }
  const text = deliverMs ?? '';
  return INTEGER.test(text) ? Number(text) : noNumber(text);
}

function noNumber(text: string): string {
  return `${JSON.stringify(text.slice(0, 64))} is no whole number`;
}

/** The more messages a second has beyond the limit, the likelier is the refusal. */
// RocketMQ: TimerMessageStore#isReject
function congestion(
  outMs: number,
  { timerCongestNumEachSlot: limit }: Settings,
  { timers, prng }: TimerPlaceDeps,
): Refusal | undefined {
  const count = timers.countAt(outMs);
  if (count <= limit) return undefined;
  const isRefused =
    count >= limit * 2 || prng.below(1000) > (1000 * (count - limit)) / (limit + 0.1);
  if (!isRefused) return undefined;
  const official =
    `timer message is under flow control, max num limit is ${limit * 2} or the current value ` +
    `is greater than ${limit} and less than ${limit * 2}, trigger random flow control`;
  const cause = `${count} messages are due in that second (timerCongestNumEachSlot)`;
  return { code: ResponseCode.SystemError, remark: `${official}. Cause: ${cause}.` };
}

function illegalTimer(cause: string, { timerMaxDelaySec }: Settings): Refusal {
  const official =
    'timer message illegal, the delay time should not be bigger than the max delay ' +
    `${timerMaxDelaySec * MS_PER_SECOND}ms; or if set del msg, the delay time should be bigger ` +
    'than the current time';
  return { code: ResponseCode.MessageIllegal, remark: `${official}. Cause: ${cause}.` };
}

function notEnabled(): Refusal {
  const official = 'accurate timer message is not enabled, timerWheelEnable is false';
  return { code: ResponseCode.SystemError, remark: official };
}

/** What a message that was placed is recalled by; empty for those that cannot be. */
// RocketMQ: SendMessageProcessor#attachRecallHandle
export function recallHandleOf(
  properties: ReadonlyMap<string, string>,
  { brokerName }: Pick<BrokerIdentity, 'brokerName'>,
): string {
  const outMs = Number(properties.get(PropertyName.TimerOutMs) ?? Number.NaN);
  const topic = properties.get(PropertyName.RealTopic) ?? '';
  const uniqueKey = properties.get(PropertyName.UniqueKey) ?? '';
  if (Number.isNaN(outMs) || topic === '' || uniqueKey === '' || isRetryTopic(topic)) return '';
  return formatRecallHandle({ topic, brokerName, dueMs: timerDueMs(outMs), uniqueKey });
}
