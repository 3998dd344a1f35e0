/** What a dead letter says about itself (docs/formats/dead-letters.md). */

/** Names of the properties that Skylark gives to dead letters. All begin with `DLQ_`. */
export const DeadLetterProperty = {
  /** The group whose consumers gave up. */
  Group: 'DLQ_GROUP',
  /** Client id of the consumer that gave up. */
  Consumer: 'DLQ_CONSUMER',
  /** How often the message was consumed in vain. */
  Attempts: 'DLQ_ATTEMPTS',
  /** What the last attempt failed with: only where the consumer tells (our SDK does). */
  Error: 'DLQ_ERROR',
  OriginTopic: 'DLQ_ORIGIN_TOPIC',
  OriginMessageId: 'DLQ_ORIGIN_MESSAGE_ID',
  OriginBroker: 'DLQ_ORIGIN_BROKER',
  OriginQueueId: 'DLQ_ORIGIN_QUEUE_ID',
  OriginOffset: 'DLQ_ORIGIN_OFFSET',
  /** Set by consumers of lite topics: with its own property the letter would go there again. */
  OriginLiteTopic: 'DLQ_ORIGIN_LITE_TOPIC',
  /** Milliseconds since 1970, by the broker's clock. */
  FirstFailedMs: 'DLQ_FIRST_FAILED_MS',
  LastFailedMs: 'DLQ_LAST_FAILED_MS',
} as const;

/** Longer errors are cut. */
export const DEAD_LETTER_ERROR_CHARS_MAX = 1024;

const SPACE = 0x20;
const DELETE = 0x7f;

/** An error's text as a property can hold it: one line, without control characters, cut. */
export function deadLetterError(text: string): string {
  const cut = text.slice(0, DEAD_LETTER_ERROR_CHARS_MAX);
  let clean = '';
  for (const one of cut) {
    const unit = one.codePointAt(0) ?? 0;
    clean += unit < SPACE || unit === DELETE || isLoneSurrogate(unit) ? ' ' : one;
  }
  return clean.trim();
}

function isLoneSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
