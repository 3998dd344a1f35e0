/**
 * Messages off the straight path: with a delay level, a timer, a transaction, or properties that
 * must not be stored as they came.
 */
import { PropertyName } from '@skylarkmq/message';
import type { SendMessageScan } from '@skylarkmq/wire';
import type { BrokerSettings } from '../settings.ts';
import { delayLevelOf, delayMessage } from './delayed-properties.ts';
import { HALF_PLACE, isHalfMessage } from './half-message.ts';
import { illegal, type Refusal } from './put-answer.ts';
import { placeTimer, type TimerPlaceDeps } from './timer-message.ts';

/** Where a message goes. */
export interface Place {
  readonly topic: string;
  readonly queueId: number;
}

/**
 * Changes the properties to what is to be stored, and answers where; or why not. What this version
 * does not have is refused: never stored as something else.
 */
export function placeSpecial(
  properties: Map<string, string>,
  place: Place,
  scan: SendMessageScan,
  settings: BrokerSettings,
  levels: number,
  timers: TimerPlaceDeps,
): Place | Refusal {
  properties.delete(PropertyName.PopCheckpoint);
  properties.delete(PropertyName.Crc32);
  const level = delayLevelOf(properties);
  if (Number.isNaN(level)) {
    const text = properties.get(PropertyName.DelayLevel);
    return illegal(`the delay level ${JSON.stringify(text)} is no number`, settings.maxMessageSize);
  }
  if (isHalfMessage(properties, scan)) {
    // The committed message waits for its time; what would not be taken then is refused now.
    const later = level > 0 ? undefined : placeTimer(new Map(properties), place, settings, timers);
    return later !== undefined && 'code' in later ? later : HALF_PLACE;
  }
  const delayed = delayMessage(properties, place.topic, place.queueId, levels);
  if (delayed !== undefined) return delayed;
  return placeTimer(properties, place, settings, timers) ?? place;
}
