/** Messages that their topic does not take. */
import type { BrokerSettings } from '../settings.ts';
import type { MessageProperties } from './message-properties.ts';
import { messageTypeProblem } from './message-type.ts';
import type { SendTarget } from './send-target.ts';

/** Why a message is not one for its topic; null when it is. */
export function misfitOf(
  target: SendTarget,
  properties: MessageProperties,
  settings: BrokerSettings,
): string | null {
  const hasNoKeys = target.needsKeys && properties.scan.keysStart < 0;
  if (hasNoKeys) return 'a topic that is compacted needs KEYS';
  return typeMisfitOf(target, properties, settings);
}

/** The same by its type alone. */
export function typeMisfitOf(
  target: SendTarget,
  { scan, buffer }: MessageProperties,
  settings: BrokerSettings,
): string | null {
  if (target.requiredType === null || !settings.enableTopicMessageTypeCheck) return null;
  return messageTypeProblem(target.config.topicName, target.requiredType, scan, buffer);
}
