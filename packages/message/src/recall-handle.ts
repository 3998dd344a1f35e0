/**
 * What a message that waits for its time is recalled by: URL-safe Base64 of `v1 TOPIC BROKER
 * MILLISECONDS KEY`, with padding.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';

export interface RecallHandle {
  readonly topic: string;
  readonly brokerName: string;
  /** When the message is due. */
  readonly dueMs: number;
  /** The message's unique key. */
  readonly uniqueKey: string;
}

const VERSION = 'v1';
const PARTS = 5;
/** Nothing honest is longer. */
const CHARACTERS_MAX = 4096;
const ALPHABET = /^[A-Za-z0-9_-]+={0,2}$/;
const DIGITS = /^\d{1,16}$/;

// RocketMQ: RecallMessageHandle
export function formatRecallHandle({ topic, brokerName, dueMs, uniqueKey }: RecallHandle): string {
  const text = [VERSION, topic, brokerName, String(dueMs), uniqueKey].join(' ');
  const handle = Buffer.from(text, 'utf8').toString('base64url');
  return handle.padEnd(Math.ceil(handle.length / 4) * 4, '=');
}

/** INVALID_ARGUMENT, with the words of RocketMQ first, when it is no handle. */
export function parseRecallHandle(handle: string): RecallHandle {
  if (handle.length > CHARACTERS_MAX || !ALPHABET.test(handle)) throw invalid('it is no Base64');
  const parts = Buffer.from(handle, 'base64url').toString('utf8').split(' ');
  const [version, topic = '', brokerName = '', due = '', uniqueKey = ''] = parts;
  if (version !== VERSION || parts.length !== PARTS) {
    throw invalid(`it does not have the ${PARTS} parts of version ${VERSION}`);
  }
  if (!DIGITS.test(due)) throw invalid(`${JSON.stringify(due)} is no time`);
  if (topic === '' || brokerName === '' || uniqueKey === '') throw invalid('a part is empty');
  return { topic, brokerName, dueMs: Number(due), uniqueKey };
}

function invalid(why: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, `recall handle is invalid: ${why}`);
}
