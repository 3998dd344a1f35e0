/**
 * Finds the properties that decide what happens to a message, in one pass over the encoded bytes
 * and without making strings: the hot path's replacement for `decodeProperties`.
 */
import { NAME_END, PropertyName, VALUE_END } from './property.ts';

const MULTI_DISPATCH: Buffer = Buffer.from(PropertyName.InnerMultiDispatch);
const RETRY_TOPIC: Buffer = Buffer.from(PropertyName.RetryTopic);
const SHARDING_KEY: Buffer = Buffer.from(PropertyName.ShardingKey);
const TIMER_DELAY_MS: Buffer = Buffer.from(PropertyName.TimerDelayMs);
const TIMER_DELAY_SEC: Buffer = Buffer.from(PropertyName.TimerDelaySeconds);
const TIMER_DELIVER_MS: Buffer = Buffer.from(PropertyName.TimerDeliverMs);
const INNER_BASE: Buffer = Buffer.from(PropertyName.InnerBase);
const INNER_NUM: Buffer = Buffer.from(PropertyName.InnerNumber);
const UNIQ_KEY: Buffer = Buffer.from(PropertyName.UniqueKey);
const TRAN_MSG: Buffer = Buffer.from(PropertyName.TransactionPrepared);
const MSG_TYPE: Buffer = Buffer.from(PropertyName.MessageType);
const CRC32: Buffer = Buffer.from(PropertyName.Crc32);
const POP_CK: Buffer = Buffer.from(PropertyName.PopCheckpoint);
const DELAY: Buffer = Buffer.from(PropertyName.DelayLevel);
const KEYS: Buffer = Buffer.from(PropertyName.Keys);
const TAGS: Buffer = Buffer.from(PropertyName.Tags);
const WAIT: Buffer = Buffer.from(PropertyName.Wait);

/**
 * Positions (in the scanned buffer) of the values of well-known properties; start is -1 for those
 * that are absent. Reusable: `scan` forgets what was found before. The last of equal names wins.
 */
export class PropertyScan {
  tagsStart = -1;
  tagsEnd = -1;
  keysStart = -1;
  keysEnd = -1;
  uniqKeyStart = -1;
  uniqKeyEnd = -1;
  delayStart = -1;
  delayEnd = -1;
  waitStart = -1;
  waitEnd = -1;
  tranMsgStart = -1;
  tranMsgEnd = -1;
  timerDelaySecStart = -1;
  timerDelaySecEnd = -1;
  timerDelayMsStart = -1;
  timerDelayMsEnd = -1;
  timerDeliverMsStart = -1;
  timerDeliverMsEnd = -1;
  innerNumStart = -1;
  innerNumEnd = -1;
  innerBaseStart = -1;
  innerBaseEnd = -1;
  innerMultiDispatchStart = -1;
  innerMultiDispatchEnd = -1;
  retryTopicStart = -1;
  retryTopicEnd = -1;
  shardingKeyStart = -1;
  shardingKeyEnd = -1;
  msgTypeStart = -1;
  msgTypeEnd = -1;
  popCkStart = -1;
  popCkEnd = -1;
  crc32Start = -1;
  crc32End = -1;
  /** Whether a property is there that takes a message off the straight path. */
  special = false;
  /** Whether a pair has no separator; readers drop such pairs. */
  malformed = false;
  /** Whether the last pair has its 0x02. True for empty properties. */
  terminated = true;

  /** Scans `buffer[start, end)`. */
  scan(buffer: Buffer, start: number, end: number): void {
    this.reset();
    let nameStart = start;
    let nameEnd = -1;
    for (let at = start; at < end; at++) {
      const byte = buffer[at];
      if (byte === NAME_END) {
        if (nameEnd < 0) nameEnd = at;
      } else if (byte === VALUE_END) {
        this.#pair(buffer, nameStart, nameEnd, at);
        nameStart = at + 1;
        nameEnd = -1;
      }
    }
    if (nameStart < end) {
      this.terminated = false;
      this.#pair(buffer, nameStart, nameEnd, end);
    }
  }

  /** Forgets everything. */
  reset(): void {
    this.tagsStart = -1;
    this.keysStart = -1;
    this.uniqKeyStart = -1;
    this.delayStart = -1;
    this.waitStart = -1;
    this.tranMsgStart = -1;
    this.timerDelaySecStart = -1;
    this.timerDelayMsStart = -1;
    this.timerDeliverMsStart = -1;
    this.innerNumStart = -1;
    this.innerBaseStart = -1;
    this.innerMultiDispatchStart = -1;
    this.retryTopicStart = -1;
    this.shardingKeyStart = -1;
    this.msgTypeStart = -1;
    this.popCkStart = -1;
    this.crc32Start = -1;
    this.special = false;
    this.malformed = false;
    this.terminated = true;
  }

  #pair(buffer: Buffer, nameStart: number, nameEnd: number, valueEnd: number): void {
    if (nameEnd <= nameStart || nameEnd + 1 >= valueEnd) {
      this.malformed = this.malformed || nameEnd < 0;
      return;
    }
    const valueStart = nameEnd + 1;
    switch (nameEnd - nameStart) {
      case 4:
        this.#four(buffer, nameStart, valueStart, valueEnd);
        break;
      case 5:
        if (same(buffer, nameStart, DELAY)) {
          this.delayStart = valueStart;
          this.delayEnd = valueEnd;
          this.special = true;
        }
        break;
      case 6:
        if (same(buffer, nameStart, POP_CK)) {
          this.popCkStart = valueStart;
          this.popCkEnd = valueEnd;
          this.special = true;
        }
        break;
      case 8:
        this.#eight(buffer, nameStart, valueStart, valueEnd);
        break;
      default:
        this.#long(buffer, nameStart, nameEnd, valueEnd);
    }
  }

  #four(buffer: Buffer, nameStart: number, valueStart: number, valueEnd: number): void {
    if (same(buffer, nameStart, TAGS)) {
      this.tagsStart = valueStart;
      this.tagsEnd = valueEnd;
    } else if (same(buffer, nameStart, WAIT)) {
      this.waitStart = valueStart;
      this.waitEnd = valueEnd;
    } else if (same(buffer, nameStart, KEYS)) {
      this.keysStart = valueStart;
      this.keysEnd = valueEnd;
    }
  }

  #eight(buffer: Buffer, nameStart: number, valueStart: number, valueEnd: number): void {
    if (same(buffer, nameStart, UNIQ_KEY)) {
      this.uniqKeyStart = valueStart;
      this.uniqKeyEnd = valueEnd;
    } else if (same(buffer, nameStart, TRAN_MSG)) {
      this.tranMsgStart = valueStart;
      this.tranMsgEnd = valueEnd;
      this.special = true;
    } else if (same(buffer, nameStart, MSG_TYPE)) {
      this.msgTypeStart = valueStart;
      this.msgTypeEnd = valueEnd;
      this.special = true;
    } else if (same(buffer, nameStart, CRC32)) {
      this.crc32Start = valueStart;
      this.crc32End = valueEnd;
      this.special = true;
    }
  }

  #long(buffer: Buffer, nameStart: number, nameEnd: number, valueEnd: number): void {
    const valueStart = nameEnd + 1;
    const is = (name: Buffer): boolean =>
      name.length === nameEnd - nameStart && same(buffer, nameStart, name);
    if (is(SHARDING_KEY)) {
      this.shardingKeyStart = valueStart;
      this.shardingKeyEnd = valueEnd;
    } else if (is(RETRY_TOPIC)) {
      this.retryTopicStart = valueStart;
      this.retryTopicEnd = valueEnd;
    } else {
      this.#special(is, valueStart, valueEnd);
    }
  }

  #special(is: (name: Buffer) => boolean, valueStart: number, valueEnd: number): void {
    if (is(TIMER_DELAY_SEC)) {
      this.timerDelaySecStart = valueStart;
      this.timerDelaySecEnd = valueEnd;
    } else if (is(TIMER_DELAY_MS)) {
      this.timerDelayMsStart = valueStart;
      this.timerDelayMsEnd = valueEnd;
    } else if (is(TIMER_DELIVER_MS)) {
      this.timerDeliverMsStart = valueStart;
      this.timerDeliverMsEnd = valueEnd;
    } else if (is(INNER_NUM)) {
      this.innerNumStart = valueStart;
      this.innerNumEnd = valueEnd;
    } else if (is(INNER_BASE)) {
      this.innerBaseStart = valueStart;
      this.innerBaseEnd = valueEnd;
    } else if (is(MULTI_DISPATCH)) {
      this.innerMultiDispatchStart = valueStart;
      this.innerMultiDispatchEnd = valueEnd;
    } else return;
    this.special = true;
  }
}

function same(buffer: Buffer, at: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index++) {
    if (buffer[at + index] !== name[index]) return false;
  }
  return true;
}
