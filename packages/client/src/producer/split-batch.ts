import type { OutgoingMessage } from './outgoing-message.ts';

/** What a message costs in a batch besides its body and properties. */
const RECORD_OVERHEAD_BYTES = 22;
/** Unique id, wait flag and separators, which every message gets. */
const OWN_PROPERTIES_BYTES = 64;

const BATCH_BYTES_DEFAULT: number = 1024 * 1024;
const BATCH_MESSAGES_DEFAULT = 1_024;

/** Limits of {@link splitBatch}. */
export interface SplitBatchOptions {
  /** Encoded bytes of one part at most. Default 1 MiB; brokers take 4 MiB. */
  readonly bytesMax?: number;
  /** Messages in one part at most. Default 1024. */
  readonly messagesMax?: number;
}

/**
 * Cuts a list of messages into parts that fit into one batch each, in order. A message that is
 * larger than the limit makes a part of its own.
 */
export function* splitBatch(
  messages: Iterable<OutgoingMessage>,
  options: SplitBatchOptions = {},
): Generator<OutgoingMessage[], void, undefined> {
  const bytesMax = options.bytesMax ?? BATCH_BYTES_DEFAULT;
  const messagesMax = options.messagesMax ?? BATCH_MESSAGES_DEFAULT;
  let part: OutgoingMessage[] = [];
  let partBytes = 0;
  for (const message of messages) {
    const bytes = encodedBytes(message);
    if (part.length > 0 && (partBytes + bytes > bytesMax || part.length >= messagesMax)) {
      yield part;
      part = [];
      partBytes = 0;
    }
    part.push(message);
    partBytes += bytes;
  }
  if (part.length > 0) yield part;
}

/** An upper bound of what a message takes in a batch body. */
function encodedBytes(message: OutgoingMessage): number {
  const { body, tags, keys, shardingKey, properties } = message;
  let bytes = RECORD_OVERHEAD_BYTES + OWN_PROPERTIES_BYTES;
  bytes += typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  if (tags !== undefined) bytes += pairBytes('TAGS', tags);
  if (keys !== undefined)
    bytes += pairBytes('KEYS', typeof keys === 'string' ? keys : keys.join(' '));
  if (shardingKey !== undefined) bytes += pairBytes('__SHARDINGKEY', shardingKey);
  const pairs = properties instanceof Map ? properties : Object.entries(properties ?? {});
  for (const [name, value] of pairs) bytes += pairBytes(name, value);
  return bytes;
}

function pairBytes(name: string, value: string): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
}
