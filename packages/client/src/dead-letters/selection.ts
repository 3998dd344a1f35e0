import { integerOption } from '../options/check-option.ts';
import type { DeadLetter, DeadLetterStatus } from './dead-letter.ts';

/** Which dead letters are meant: those that fit all that is said. */
export interface DeadLetterSelection {
  /** Died at or after, milliseconds. */
  readonly fromMs?: number;
  /** Died at or before, milliseconds. */
  readonly toMs?: number;
  /** One of the business keys. */
  readonly key?: string;
  /** The sender's id of the message, or the broker's of its first or last place. */
  readonly messageId?: string;
  readonly originTopic?: string;
  readonly tags?: string;
  /** A part of the error, in upper or lower case. */
  readonly errorText?: string;
  /** Default: whatever became of them. */
  readonly status?: readonly DeadLetterStatus[];
  /** This many at most. Default: all. */
  readonly max?: number;
  readonly signal?: AbortSignal;
}

/** The number of letters that a selection is limited to. */
export function selectionMax(selection: DeadLetterSelection): number {
  const max = Number.MAX_SAFE_INTEGER;
  return integerOption('max', selection.max, { fallback: max, min: 1, max });
}

/** Whether a letter is meant. */
export function isSelected(letter: DeadLetter, selection: DeadLetterSelection): boolean {
  const { fromMs, toMs, key, messageId, originTopic, tags, errorText, status } = selection;
  const diedMs = letter.storeTimestamp;
  if (fromMs !== undefined && diedMs < fromMs) return false;
  if (toMs !== undefined && diedMs > toMs) return false;
  if (key !== undefined && !letter.keys.includes(key)) return false;
  if (messageId !== undefined && !idsOf(letter).includes(messageId)) return false;
  if (originTopic !== undefined && letter.originTopic !== originTopic) return false;
  if (tags !== undefined && letter.tags !== tags) return false;
  if (errorText !== undefined && !containsText(letter.error, errorText)) return false;
  return status === undefined || status.includes(letter.status);
}

function idsOf(letter: DeadLetter): readonly (string | undefined)[] {
  return [letter.messageId, letter.offsetMessageId, letter.originMessageId];
}

function containsText(text: string | undefined, part: string): boolean {
  return text?.toLowerCase().includes(part.toLowerCase()) ?? false;
}
