/** Values of configuration keys: what is allowed, said in one sentence when it is not kept to. */
import { MqError } from '@skylarkmq/base';
import { parseDelayLevels } from '@skylarkmq/message';
import type { KeyType } from './known-keys.ts';

/** A value in its own type, or why it is none. */
export type CheckedValue =
  | { readonly value: number | boolean | string }
  | { readonly problem: string };

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Java's largest int. */
const INT_MAX = 2 ** 31 - 1;
const NUMBER: Range = { min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
/** A message must fit into a frame of 16 MiB. */
const BODY_BYTES_MAX = 15 * 1024 * 1024;

/** Integers that must be within bounds; all others only must be integers. */
const RANGES: ReadonlyMap<string, Range> = new Map([
  ['listenPort', { min: 0, max: 65_535 }],
  ['brokerId', { min: 0, max: INT_MAX }],
  ['brokerPermission', { min: 0, max: 7 }],
  ['defaultTopicQueueNums', { min: 1, max: 65_536 }],
  ['flushConsumerOffsetInterval', { min: 100, max: INT_MAX }],
  ['shortPollingTimeMills', { min: 1, max: INT_MAX }],
  ['registerBrokerTimeoutMills', { min: 1, max: INT_MAX }],
  ['registerNameServerPeriod', { min: 1, max: INT_MAX }],
  ['channelExpiredTimeout', { min: 1000, max: INT_MAX }],
  ['subscriptionExpiredTimeout', { min: 1000, max: INT_MAX }],
  ['startAcceptSendRequestTimeStamp', { min: 0, max: NUMBER.max }],
  ['splitMetadataSize', { min: 1, max: INT_MAX }],
  ['maxMessageSize', { min: 1, max: BODY_BYTES_MAX }],
  ['maxTransferBytesOnMessageInMemory', { min: 1, max: INT_MAX }],
  ['maxTransferCountOnMessageInMemory', { min: 1, max: 1024 }],
  ['maxMsgsNumBatch', { min: 1, max: 1024 }],
  ['defaultQueryMaxNum', { min: 1, max: 1024 }],
  ['rebalanceLockMaxLiveTime', { min: 30_000, max: INT_MAX }],
  ['topicsMax', { min: 1, max: INT_MAX }],
  ['groupsMax', { min: 1, max: INT_MAX }],
  ['heldPullsMax', { min: 1, max: INT_MAX }],
  ['mappedFileSizeCommitLog', { min: 4096, max: INT_MAX }],
  ['mappedFileSizeConsumeQueue', { min: 20, max: INT_MAX }],
  // The longest unit and the end mark must fit.
  ['mappedFileSizeConsumeQueueExt', { min: 65_536, max: INT_MAX }],
  ['maxHashSlotNum', { min: 1, max: INT_MAX }],
  ['maxIndexNum', { min: 2, max: INT_MAX }],
  ['flushIntervalCommitLog', { min: 1, max: INT_MAX }],
  ['cleanResourceInterval', { min: 1, max: INT_MAX }],
  ['fileReservedTime', { min: 0, max: INT_MAX }],
  ['diskMaxUsedSpaceRatio', { min: 10, max: 95 }],
  ['diskSpaceWarningLevelRatio', { min: 35, max: 90 }],
  ['diskSpaceCleanForciblyRatio', { min: 30, max: 85 }],
  ['serverChannelMaxIdleTimeSeconds', { min: 1, max: INT_MAX }],
]);

const CHOICES: ReadonlyMap<string, readonly string[]> = new Map([
  ['flushDiskType', ['ASYNC_FLUSH', 'SYNC_FLUSH']],
  ['brokerRole', ['ASYNC_MASTER', 'SYNC_MASTER', 'SLAVE']],
]);

/** The value of a key in its type. Blanks around it do not count. */
export function checkValue(key: string, type: KeyType, text: string): CheckedValue {
  const trimmed = text.trim();
  if (type === 'boolean') return checkBoolean(key, trimmed);
  if (type === 'text') return checkText(key, trimmed);
  return checkNumber(key, type, trimmed);
}

function checkBoolean(key: string, text: string): CheckedValue {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return { value: lower === 'true' };
  return { problem: `${key} must be true or false, not ${JSON.stringify(text)}` };
}

function checkNumber(key: string, type: KeyType, text: string): CheckedValue {
  const { min, max } = RANGES.get(key) ?? NUMBER;
  const form = type === 'integer' ? /^[+-]?\d{1,16}$/ : /^[+-]?\d{1,16}(\.\d{0,16})?$/;
  const value = form.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return { value };
  const wanted = type === 'integer' ? 'an integer' : 'a number';
  const bounds = RANGES.has(key) ? ` from ${min} to ${max}` : '';
  return { problem: `${key} must be ${wanted}${bounds}, not ${JSON.stringify(text)}` };
}

function checkText(key: string, text: string): CheckedValue {
  const choices = CHOICES.get(key);
  if (choices !== undefined && !choices.includes(text)) {
    return { problem: `${key} must be ${choices.join(' or ')}, not ${JSON.stringify(text)}` };
  }
  if (key === 'deleteWhen' && !/^\s*([01]\d|2[0-3])(\s*;\s*([01]\d|2[0-3]))*\s*;?$/.test(text)) {
    const wanted = 'hours of the day as two digits, `;` between, such as 04 or 04;16';
    return { problem: `deleteWhen must be ${wanted}, not ${JSON.stringify(text)}` };
  }
  if (key === 'messageDelayLevel') return checkDelayLevels(text);
  return { value: text };
}

function checkDelayLevels(text: string): CheckedValue {
  try {
    parseDelayLevels(text);
    return { value: text };
  } catch (error) {
    return { problem: `messageDelayLevel: ${MqError.from(error).message}` };
  }
}
