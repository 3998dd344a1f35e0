/**
 * The two ids of a message: the offset id, made by the broker (where the record is), and the
 * unique id, made by the client (the property UNIQ_KEY). Both are upper-case hexadecimal.
 */
import { type Clock, MqError, MqErrorCode } from '@skylarkmq/base';
import { decodeHost, HOST_V4_BYTES, HOST_V6_BYTES } from './host.ts';

const V4_DIGITS = 2 * (HOST_V4_BYTES + 8);
const V6_DIGITS = 2 * (HOST_V6_BYTES + 8);

/** Id of the record at `physicalOffset` of the broker whose 8 or 20 host bytes are given. */
export function encodeOffsetMessageId(storeHost: Buffer, physicalOffset: number): string {
  const offset = physicalOffset.toString(16).padStart(16, '0');
  return (storeHost.toString('hex') + offset).toUpperCase();
}

/** Where an offset id points. INVALID_ARGUMENT when it is not one. */
export function decodeOffsetMessageId(id: string): { host: string; physicalOffset: number } {
  const bytes = Buffer.from(id, 'hex');
  const digits = id.length;
  if ((digits !== V4_DIGITS && digits !== V6_DIGITS) || bytes.length * 2 !== digits) {
    throw new MqError(MqErrorCode.InvalidArgument, `${id} is not an offset message id`);
  }
  const v6 = digits === V6_DIGITS;
  const offset = bytes.readBigInt64BE(bytes.length - 8);
  if (offset < 0n || offset > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new MqError(MqErrorCode.InvalidArgument, `${id} has an impossible offset ${offset}`);
  }
  return { host: decodeHost(bytes, 0, v6), physicalOffset: Number(offset) };
}

/** What a unique id is made of besides time. */
export interface UniqueIdSource {
  readonly clock: Clock;
  /** 4 or 16 bytes. */
  readonly ip: Buffer;
  readonly processId: number;
  /** Any int32 that differs between generators of one process. */
  readonly hash: number;
}

/**
 * Makes unique ids: IP, process id (2 bytes), hash (4), milliseconds since the month began in
 * local time (4), counter (2).
 * RocketMQ: MessageClientIDSetter#createUniqID.
 */
export function createUniqueIdGenerator(source: UniqueIdSource): () => string {
  const prefixBytes = Buffer.alloc(source.ip.length + 6);
  source.ip.copy(prefixBytes);
  prefixBytes.writeUInt16BE(source.processId & 0xffff, source.ip.length);
  prefixBytes.writeInt32BE(source.hash | 0, source.ip.length + 2);
  const prefix = prefixBytes.toString('hex').toUpperCase();
  let month = monthOf(source.clock.nowMs());
  let counter = 0;
  return () => {
    const now = source.clock.nowMs();
    if (now >= month.endMs) month = monthOf(now);
    const sinceMonth = Math.max(0, now - month.startMs);
    counter = (counter + 1) & 0xffff;
    const time = sinceMonth.toString(16).padStart(8, '0');
    return prefix + (time + counter.toString(16).padStart(4, '0')).toUpperCase();
  };
}

/** About when a unique id was made, if within the last month; undefined if unreadable. */
export function timeOfUniqueId(id: string, nowMs: number): number | undefined {
  if (id.length !== 32 && id.length !== 56) return undefined;
  const sinceMonth = Number.parseInt(id.slice(-12, -4), 16);
  if (Number.isNaN(sinceMonth)) return undefined;
  const time = monthOf(nowMs).startMs + sinceMonth;
  if (time < nowMs) return time;
  const previous = new Date(nowMs);
  previous.setDate(1);
  previous.setMonth(previous.getMonth() - 1);
  return monthOf(previous.getTime()).startMs + sinceMonth;
}

function monthOf(nowMs: number): { startMs: number; endMs: number } {
  const now = new Date(nowMs);
  const start = new Date(now.getFullYear(), now.getMonth(), 1);
  const end = new Date(now.getFullYear(), now.getMonth() + 1, 1);
  return { startMs: start.getTime(), endMs: end.getTime() };
}
