/**
 * Reads send requests on the hot path: straight from the header's bytes into reusable fields, for
 * all codes that carry a message and both serialisations.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { ByteInterner } from '../byte-interner.ts';
import type { Command } from '../command.ts';
import { BACKSLASH, parseInteger, unescapeJson } from '../json-scan.ts';
import { RequestCode } from '../request-code.ts';
import { ExtCursor } from './ext-cursor.ts';
import { SendMessage, type SendMessageRequest } from './send-message.ts';

/** Codes 10 and 324 carry long names; these are the letters that stand for them. */
const LETTERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    producerGroup: 'a',
    topic: 'b',
    defaultTopic: 'c',
    defaultTopicQueueNums: 'd',
    queueId: 'e',
    sysFlag: 'f',
    bornTimestamp: 'g',
    flag: 'h',
    properties: 'i',
    reconsumeTimes: 'j',
    unitMode: 'k',
    maxReconsumeTimes: 'l',
    batch: 'm',
  }).map(([name, letter]) => [name, letter.charCodeAt(0)]),
);

const NAME_MAX = 24;
const NOTHING: Buffer = Buffer.alloc(0);
/** Bits of `#seen` for the mandatory fields a b c d e f g h. */
const MANDATORY = 0xff;

/** Fields of the last scanned request. The properties' buffer is valid until the next scan. */
export class SendMessageScan {
  producerGroup = '';
  topic = '';
  defaultTopic = '';
  defaultTopicQueueNums = 0;
  queueId = 0;
  sysFlag = 0;
  bornTimestamp = 0;
  flag = 0;
  reconsumeTimes = 0;
  unitMode = false;
  /** -1 when absent. */
  maxReconsumeTimes = -1;
  batch = false;
  /** UTF-8, without escapes. */
  properties: Buffer = NOTHING;
  propertiesStart = 0;
  propertiesEnd = 0;
  readonly #cursor = new ExtCursor();
  readonly #names = new ByteInterner();
  #scratch: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #seen = 0;

  /** Reads a request of one of these codes. INVALID_ARGUMENT when a field is bad or missing. */
  scan(command: Command): void {
    this.#reset();
    const cursor = this.#cursor;
    cursor.start(command);
    const long = hasLongNames(command.code);
    let good = true;
    while (good && cursor.next()) good = this.#take(this.#letter(long), command);
    if (!good || cursor.failed || (this.#seen & MANDATORY) !== MANDATORY) this.#scanSlowly(command);
  }

  #reset(): void {
    this.reconsumeTimes = 0;
    this.unitMode = false;
    this.maxReconsumeTimes = -1;
    this.batch = false;
    this.properties = NOTHING;
    this.propertiesStart = 0;
    this.propertiesEnd = 0;
    this.#seen = 0;
  }

  #letter(long: boolean): number {
    const { buffer, keyStart, keyEnd } = this.#cursor;
    if (keyEnd - keyStart === 1) return long ? 0 : (buffer[keyStart] ?? 0);
    if (!long || keyEnd - keyStart > NAME_MAX) return 0;
    return LETTERS.get(this.#names.text(buffer, keyStart, keyEnd)) ?? 0;
  }

  /** Takes one field; false to decode the header in full instead. */
  #take(letter: number, command: Command): boolean {
    const { buffer, valueStart, valueEnd } = this.#cursor;
    if (letter >= 0x61 && letter <= 0x68) this.#seen |= 1 << (letter - 0x61);
    switch (letter) {
      case 0x61:
        this.producerGroup = this.#names.text(buffer, valueStart, valueEnd);
        return true;
      case 0x62:
        this.topic = this.#names.text(buffer, valueStart, valueEnd);
        return buffer[valueStart] !== BACKSLASH;
      case 0x63:
        this.defaultTopic = this.#names.text(buffer, valueStart, valueEnd);
        return true;
      case 0x64:
        this.defaultTopicQueueNums = parseInteger(buffer, valueStart, valueEnd);
        return isInt32(this.defaultTopicQueueNums);
      case 0x65:
        this.queueId = parseInteger(buffer, valueStart, valueEnd);
        return isInt32(this.queueId);
      case 0x66:
        this.sysFlag = parseInteger(buffer, valueStart, valueEnd);
        return isInt32(this.sysFlag);
      case 0x67:
        this.bornTimestamp = parseInteger(buffer, valueStart, valueEnd);
        return !Number.isNaN(this.bornTimestamp);
      case 0x68:
        this.flag = parseInteger(buffer, valueStart, valueEnd);
        return isInt32(this.flag);
      case 0x69:
        return this.#takeProperties(command);
      case 0x6a:
        this.reconsumeTimes = parseInteger(buffer, valueStart, valueEnd);
        return isInt32(this.reconsumeTimes);
      case 0x6b:
        this.unitMode = isTrue(buffer, valueStart, valueEnd);
        return true;
      case 0x6c:
        this.maxReconsumeTimes = parseInteger(buffer, valueStart, valueEnd);
        return isInt32(this.maxReconsumeTimes);
      case 0x6d:
        this.batch = isTrue(buffer, valueStart, valueEnd);
        return true;
      default:
        return true;
    }
  }

  #takeProperties(command: Command): boolean {
    const { buffer, valueStart, valueEnd, json } = this.#cursor;
    if (!json) {
      this.properties = command.frame;
      this.propertiesStart = valueStart;
      this.propertiesEnd = valueEnd;
      return true;
    }
    if (valueEnd - valueStart > this.#scratch.length) {
      this.#scratch = Buffer.allocUnsafeSlow(valueEnd - valueStart);
    }
    const bytes = unescapeJson(buffer, valueStart, valueEnd, this.#scratch);
    if (bytes < 0) return false;
    this.properties = this.#scratch;
    this.propertiesStart = 0;
    this.propertiesEnd = bytes;
    return true;
  }

  /** The exact way, which also finds the words for what is wrong. */
  #scanSlowly(command: Command): void {
    const long = hasLongNames(command.code);
    const values = long ? SendMessage.request.decode(command.ext) : shortValues(command);
    this.producerGroup = values.producerGroup;
    this.topic = values.topic;
    this.defaultTopic = values.defaultTopic;
    this.defaultTopicQueueNums = int32(values.defaultTopicQueueNums, 'defaultTopicQueueNums');
    this.queueId = int32(values.queueId, 'queueId');
    this.sysFlag = int32(values.sysFlag, 'sysFlag');
    this.bornTimestamp = values.bornTimestamp;
    this.flag = int32(values.flag, 'flag');
    this.reconsumeTimes = int32(values.reconsumeTimes, 'reconsumeTimes');
    this.unitMode = values.unitMode;
    this.maxReconsumeTimes = values.maxReconsumeTimes ?? -1;
    this.batch = values.batch;
    this.properties = Buffer.from(values.properties, 'utf8');
    this.propertiesStart = 0;
    this.propertiesEnd = this.properties.length;
  }
}

function hasLongNames(code: number): boolean {
  return code === RequestCode.SendMessage || code === RequestCode.SendReplyMessage;
}

function shortValues(command: Command): SendMessageRequest {
  const { a, b, c, d, e, f, g, h, i, j, k, l, m } = SendMessage.requestV2.decode(command.ext);
  return {
    producerGroup: a,
    topic: b,
    defaultTopic: c,
    defaultTopicQueueNums: d,
    queueId: e,
    sysFlag: f,
    bornTimestamp: g,
    flag: h,
    properties: i,
    reconsumeTimes: j,
    unitMode: k ?? false,
    maxReconsumeTimes: l,
    batch: m,
  };
}

function int32(value: number, name: string): number {
  if ((value | 0) === value) return value;
  throw new MqError(MqErrorCode.InvalidArgument, `field ${name} is not a 32-bit integer: ${value}`);
}

/** False for NaN too: what is no number is left to the slow way, which says what is wrong. */
function isInt32(value: number): boolean {
  return (value | 0) === value;
}

/** "true" in any case, four bytes. */
function isTrue(buffer: Buffer, start: number, end: number): boolean {
  return (
    end - start === 4 &&
    ((buffer[start] ?? 0) | 0x20) === 0x74 &&
    ((buffer[start + 1] ?? 0) | 0x20) === 0x72 &&
    ((buffer[start + 2] ?? 0) | 0x20) === 0x75 &&
    ((buffer[start + 3] ?? 0) | 0x20) === 0x65
  );
}
