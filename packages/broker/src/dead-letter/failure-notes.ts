/** Writes down why a message is retried and why it died: properties of the retry and the letter. */
import {
  DeadLetterProperty,
  deadLetterError,
  encodeProperties,
  isRetryTopic,
  PROPERTIES_BYTES_MAX,
  PropertyName,
  type StoredMessage,
} from '@skylarkmq/message';

/** Room that the stamps of a send and the record's checksum may still need. */
const ROOM_BYTES = 512;

/** What is known when a consumer gives a message up. */
export interface Death {
  readonly group: string;
  /** Undefined when the consumer is not known to the broker. */
  readonly clientId: string | undefined;
  readonly attempts: number;
  readonly nowMs: number;
  /** What the consumer says that the last attempt failed with. */
  readonly error?: string | undefined;
}

/** Notes on its first retry where a message was, since its retries will be elsewhere. */
export function noteFirstFailure(
  properties: Map<string, string>,
  message: StoredMessage,
  brokerName: string,
  nowMs: number,
): void {
  if (isRetryTopic(message.topic)) return;
  add(properties, [
    [DeadLetterProperty.OriginBroker, brokerName],
    [DeadLetterProperty.OriginQueueId, String(message.queueId)],
    [DeadLetterProperty.OriginOffset, String(message.queueOffset)],
    [DeadLetterProperty.FirstFailedMs, String(nowMs)],
  ]);
}

/** Notes on a dead letter who gave it up, when, and why. */
export function noteDeath(properties: Map<string, string>, death: Death): void {
  const { group, clientId = '', attempts, nowMs } = death;
  const now = String(nowMs);
  add(properties, [
    [DeadLetterProperty.Group, group],
    [DeadLetterProperty.Consumer, clientId],
    [DeadLetterProperty.Attempts, String(attempts)],
    [DeadLetterProperty.OriginTopic, properties.get(PropertyName.RetryTopic) ?? ''],
    [DeadLetterProperty.OriginMessageId, properties.get(PropertyName.OriginMessageId) ?? ''],
    [DeadLetterProperty.FirstFailedMs, properties.get(DeadLetterProperty.FirstFailedMs) ?? now],
    [DeadLetterProperty.LastFailedMs, now],
  ]);
  if (death.error !== undefined) {
    add(properties, [[DeadLetterProperty.Error, deadLetterError(death.error)]]);
  }
}

/** Adds what has a value, if all of it fits: notes must not keep a message from being stored. */
function add(
  properties: Map<string, string>,
  notes: readonly (readonly [name: string, value: string])[],
): void {
  const noted = new Map([...properties, ...notes.filter(([, value]) => value !== '')]);
  if (encodeProperties(noted).length > PROPERTIES_BYTES_MAX - ROOM_BYTES) return;
  for (const [name, value] of noted) properties.set(name, value);
}
