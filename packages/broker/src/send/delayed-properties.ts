/** What becomes of a message that is to be delivered later: sends and send-backs alike. */
import { PropertyName, SystemTopic } from '@skylarkmq/message';

const TIMERS = [
  PropertyName.TimerDelaySeconds,
  PropertyName.TimerDelayMs,
  PropertyName.TimerDeliverMs,
] as const;

/** The delay level of a message: 0 for none, NaN when it is no whole number. */
export function delayLevelOf(properties: ReadonlyMap<string, string>): number {
  const text = properties.get(PropertyName.DelayLevel);
  if (text === undefined) return 0;
  const level = text.trim() === text && text !== '' ? Number(text) : Number.NaN;
  return Number.isInteger(level) ? level : Number.NaN;
}

/** Whether a message asks for a time of delivery that is no level. RocketMQ: HookUtils */
export function wantsTimer(properties: ReadonlyMap<string, string>): boolean {
  return TIMERS.some((name) => properties.has(name));
}

/**
 * Turns a message with a delay level into one for the schedule topic: notes the real topic and
 * queue in `properties`, limits the level to `levels`, drops timer properties (the level wins), and
 * answers where to put it. Undefined, and nothing changed, when it has no level above 0.
 */
export function delayMessage(
  properties: Map<string, string>,
  topic: string,
  queueId: number,
  levels: number,
): { readonly topic: string; readonly queueId: number } | undefined {
  const wanted = delayLevelOf(properties);
  if (!(wanted > 0)) return undefined;
  const level = Math.min(wanted, levels);
  // RocketMQ: HookUtils#handleScheduleMessage
  for (const name of TIMERS) properties.delete(name);
  properties.set(PropertyName.DelayLevel, String(level));
  properties.set(PropertyName.RealTopic, topic);
  properties.set(PropertyName.RealQueueId, String(queueId));
  return { topic: SystemTopic.Schedule, queueId: level - 1 };
}
