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
const LITE_TOPIC: Buffer = Buffer.from(PropertyName.LiteTopic);
const PRIORITY: Buffer = Buffer.from(PropertyName.Priority);
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
      const byte = buffer[at] ?? 0;
      if (byte > VALUE_END) continue;
      if (byte === NAME_END) {
        if (nameEnd < 0) nameEnd = at;
      } else if (byte === VALUE_END) {
        notePair(this, buffer, nameStart, nameEnd, at);
        nameStart = at + 1;
        nameEnd = -1;
      }
    }
    if (nameStart < end) {
      this.terminated = false;
      notePair(this, buffer, nameStart, nameEnd, end);
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
}

/** Notes one pair; which property it is, is decided by the name's length first. */
function notePair(
  into: PropertyScan,
  buffer: Buffer,
  nameStart: number,
  nameEnd: number,
  valueEnd: number,
): void {
  if (nameEnd <= nameStart || nameEnd + 1 >= valueEnd) {
    into.malformed = into.malformed || nameEnd < 0;
    return;
  }
  const length = nameEnd - nameStart;
  const valueStart = nameEnd + 1;
  if (length === 4) noteFour(into, buffer, nameStart, valueStart, valueEnd);
  else if (length === 8) noteEight(into, buffer, nameStart, valueStart, valueEnd);
  else if (length === 5 && same(buffer, nameStart, DELAY)) {
    into.delayStart = valueStart;
    into.delayEnd = valueEnd;
    into.special = true;
  } else if (length === 6 && same(buffer, nameStart, POP_CK)) {
    into.popCkStart = valueStart;
    into.popCkEnd = valueEnd;
    into.special = true;
  } else if (length === 11 && same(buffer, nameStart, RETRY_TOPIC)) {
    into.retryTopicStart = valueStart;
    into.retryTopicEnd = valueEnd;
  } else if (length === 13 && same(buffer, nameStart, SHARDING_KEY)) {
    into.shardingKeyStart = valueStart;
    into.shardingKeyEnd = valueEnd;
  } else if (length > 8) noteLong(into, buffer, nameStart, nameEnd, valueEnd);
}

function noteFour(
  into: PropertyScan,
  buffer: Buffer,
  nameStart: number,
  valueStart: number,
  valueEnd: number,
): void {
  if (same(buffer, nameStart, TAGS)) {
    into.tagsStart = valueStart;
    into.tagsEnd = valueEnd;
  } else if (same(buffer, nameStart, WAIT)) {
    into.waitStart = valueStart;
    into.waitEnd = valueEnd;
  } else if (same(buffer, nameStart, KEYS)) {
    into.keysStart = valueStart;
    into.keysEnd = valueEnd;
  }
}

function noteEight(
  into: PropertyScan,
  buffer: Buffer,
  nameStart: number,
  valueStart: number,
  valueEnd: number,
): void {
  if (same(buffer, nameStart, UNIQ_KEY)) {
    into.uniqKeyStart = valueStart;
    into.uniqKeyEnd = valueEnd;
  } else if (same(buffer, nameStart, TRAN_MSG)) {
    into.tranMsgStart = valueStart;
    into.tranMsgEnd = valueEnd;
    into.special = true;
  } else if (same(buffer, nameStart, MSG_TYPE)) {
    into.msgTypeStart = valueStart;
    into.msgTypeEnd = valueEnd;
    into.special = true;
  } else if (same(buffer, nameStart, CRC32)) {
    into.crc32Start = valueStart;
    into.crc32End = valueEnd;
    into.special = true;
  }
}

function noteLong(
  into: PropertyScan,
  buffer: Buffer,
  nameStart: number,
  nameEnd: number,
  valueEnd: number,
): void {
  const length = nameEnd - nameStart;
  const valueStart = nameEnd + 1;
  if (length === 15 && same(buffer, nameStart, TIMER_DELAY_SEC)) {
    into.timerDelaySecStart = valueStart;
    into.timerDelaySecEnd = valueEnd;
  } else if (length === 14 && same(buffer, nameStart, TIMER_DELAY_MS)) {
    into.timerDelayMsStart = valueStart;
    into.timerDelayMsEnd = valueEnd;
  } else if (length === 16 && same(buffer, nameStart, TIMER_DELIVER_MS)) {
    into.timerDeliverMsStart = valueStart;
    into.timerDeliverMsEnd = valueEnd;
  } else if (length === 9 && same(buffer, nameStart, INNER_NUM)) {
    into.innerNumStart = valueStart;
    into.innerNumEnd = valueEnd;
  } else if (length === 10 && same(buffer, nameStart, INNER_BASE)) {
    into.innerBaseStart = valueStart;
    into.innerBaseEnd = valueEnd;
  } else if (length === 20 && same(buffer, nameStart, MULTI_DISPATCH)) {
    into.innerMultiDispatchStart = valueStart;
    into.innerMultiDispatchEnd = valueEnd;
  } else if (!isPlacing(buffer, nameStart, length)) return;
  into.special = true;
}

/** Properties that choose the queue; they are rare, their values are read where they count. */
function isPlacing(buffer: Buffer, nameStart: number, length: number): boolean {
  return (
    (length === 12 && same(buffer, nameStart, LITE_TOPIC)) ||
    (length === 18 && same(buffer, nameStart, PRIORITY))
  );
}

function same(buffer: Buffer, at: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index++) {
    if (buffer[at + index] !== name[index]) return false;
  }
  return true;
}
