/** Reads pull requests on the hot path: straight from the header's bytes into reusable fields. */
import { ByteInterner } from '../byte-interner.ts';
import type { Command } from '../command.ts';
import { BACKSLASH, parseInteger } from '../json-scan.ts';
import { ExtCursor } from './ext-cursor.ts';
import { PullMessage } from './pull-message.ts';

/** Bits of the mandatory fields. */
const Seen = {
  ConsumerGroup: 1,
  Topic: 2,
  QueueId: 4,
  QueueOffset: 8,
  MaxMsgNums: 16,
  SysFlag: 32,
  CommitOffset: 64,
  SuspendTimeoutMillis: 128,
  SubVersion: 256,
} as const;
const MANDATORY = 511;

/** Fields of the last scanned pull request. */
export class PullMessageScan {
  consumerGroup = '';
  topic = '';
  queueId = 0;
  queueOffset = 0;
  maxMsgNums = 0;
  sysFlag = 0;
  commitOffset = 0;
  suspendTimeoutMillis = 0;
  subVersion = 0;
  /** Empty when absent. */
  subscription = '';
  /** `TAG` when absent or empty. */
  expressionType = 'TAG';
  /** 0 when absent. */
  maxMsgBytes = 0;
  /** Whether `queueId` is of a physical queue, also when the topic is static. */
  isPhysical = false;
  readonly #cursor = new ExtCursor();
  readonly #names = new ByteInterner();
  #seen = 0;
  #good = true;

  /** Reads a request with code 11 or 361. INVALID_ARGUMENT when a field is bad or missing. */
  scan(command: Command): void {
    this.subscription = '';
    this.expressionType = 'TAG';
    this.maxMsgBytes = 0;
    this.isPhysical = false;
    this.#seen = 0;
    this.#good = true;
    const cursor = this.#cursor;
    cursor.start(command);
    while (this.#good && cursor.next()) this.#take();
    if (!this.#good || cursor.failed || this.#seen !== MANDATORY) this.#scanSlowly(command);
  }

  #take(): void {
    const { buffer, keyStart, keyEnd } = this.#cursor;
    const length = keyEnd - keyStart;
    const first = buffer[keyStart];
    switch (length) {
      case 2:
        if (first === 0x6c) this.isPhysical = this.#name(0).toLowerCase() === 'false';
        break;
      case 5:
        if (first === 0x74) this.topic = this.#name(Seen.Topic);
        break;
      case 7:
        if (first === 0x71) this.queueId = this.#number(Seen.QueueId);
        else if (first === 0x73) this.sysFlag = this.#number(Seen.SysFlag);
        break;
      case 10:
        if (first === 0x6d) this.maxMsgNums = this.#number(Seen.MaxMsgNums);
        else if (first === 0x73) this.subVersion = this.#number(Seen.SubVersion);
        break;
      case 11:
        if (first === 0x71) this.queueOffset = this.#number(Seen.QueueOffset);
        else if (first === 0x6d) this.maxMsgBytes = this.#number(0);
        break;
      case 12:
        if (first === 0x63) this.commitOffset = this.#number(Seen.CommitOffset);
        else if (first === 0x73) this.subscription = this.#name(0);
        break;
      case 13:
        if (first === 0x63) this.consumerGroup = this.#name(Seen.ConsumerGroup);
        break;
      case 14:
        if (first === 0x65) this.expressionType = this.#name(0) || 'TAG';
        break;
      case 20:
        if (first === 0x73) this.suspendTimeoutMillis = this.#number(Seen.SuspendTimeoutMillis);
        break;
    }
  }

  #number(bit: number): number {
    const { buffer, valueStart, valueEnd } = this.#cursor;
    const value = parseInteger(buffer, valueStart, valueEnd);
    if (Number.isNaN(value)) this.#good = false;
    this.#seen |= bit;
    return value;
  }

  #name(bit: number): string {
    const { buffer, valueStart, valueEnd, json } = this.#cursor;
    this.#seen |= bit;
    for (let at = valueStart; json && at < valueEnd; at++) {
      if (buffer[at] === BACKSLASH) this.#good = false;
    }
    return this.#names.text(buffer, valueStart, valueEnd);
  }

  #scanSlowly(command: Command): void {
    const values = PullMessage.request.decode(command.ext);
    this.consumerGroup = values.consumerGroup;
    this.topic = values.topic;
    this.queueId = values.queueId;
    this.queueOffset = values.queueOffset;
    this.maxMsgNums = values.maxMsgNums;
    this.sysFlag = values.sysFlag;
    this.commitOffset = values.commitOffset;
    this.suspendTimeoutMillis = values.suspendTimeoutMillis;
    this.subVersion = values.subVersion;
    this.subscription = values.subscription ?? '';
    this.expressionType = values.expressionType || 'TAG';
    this.maxMsgBytes = values.maxMsgBytes ?? 0;
    this.isPhysical = values.lo === false;
  }
}
