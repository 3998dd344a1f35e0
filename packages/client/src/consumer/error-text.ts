import { deadLetterError } from '@skylarkmq/message';

/** What a handler threw, as a dead letter tells it: one line; undefined when there is nothing. */
export function errorText(thrown: unknown): string | undefined {
  if (thrown === undefined || thrown === null) return undefined;
  const text = deadLetterError(String(thrown));
  return text === '' ? undefined : text;
}
