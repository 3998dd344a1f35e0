/**
 * Bodies: JSON, and bytes as they are. A reply that tells an error has a property that says so; all
 * others are what any client of RocketMQ sends.
 */
import type { OutgoingMessage, ReceivedMessage } from '@skylarkmq/client';

/** Property of a reply whose body is an error. */
const ERROR_PROPERTY = 'NEST_ERROR';

/** Makes a body. Bytes stay as they are, everything else becomes JSON. */
export function toBody(data: unknown): string | Uint8Array {
  if (data instanceof Uint8Array) return data;
  return JSON.stringify(data) ?? 'null';
}

/** The value of a body: parsed when it is JSON, else its bytes. */
export function fromBody(message: ReceivedMessage): unknown {
  const text = message.text();
  try {
    return JSON.parse(text);
  } catch {
    return message.body;
  }
}

/** A reply with what a handler failed with. */
export function errorReply(error: unknown): Pick<OutgoingMessage, 'body' | 'properties'> {
  const told = error instanceof Error ? { status: 'error', message: error.message } : error;
  return { body: toBody(told), properties: { [ERROR_PROPERTY]: 'true' } };
}

/** Whether a reply tells an error. */
export function isErrorReply(message: ReceivedMessage): boolean {
  return message.property(ERROR_PROPERTY) === 'true';
}
