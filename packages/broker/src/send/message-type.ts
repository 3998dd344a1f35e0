/**
 * Whether a message is of the type that its topic is for (attribute message.type). Apache checks
 * this in its gRPC proxy, with the same types. Here, topics without the attribute, and UNSPECIFIED,
 * MIXED, PRIORITY and LITE ones, take everything; NORMAL and FIFO topics take each other's
 * messages: clients that choose the queue themselves keep an order that nothing in them shows.
 */
import type { PropertyScan } from '@skylarkmq/message';

/** Types that a topic insists on. */
export type RequiredType = 'NORMAL' | 'FIFO' | 'DELAY' | 'TRANSACTION';

const REQUIRED: readonly RequiredType[] = ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION'];
const ZERO = 0x30;

const CURES: Readonly<Record<RequiredType, string>> = {
  NORMAL: 'send it without delay and outside of transactions',
  FIFO: 'send it without delay and outside of transactions',
  DELAY: 'give it a delay level or a time of delivery',
  TRANSACTION: 'send it in a transaction',
};

/** What the topic insists on; null for topics that take everything. */
export function requiredType(attributes: ReadonlyMap<string, string>): RequiredType | null {
  const type = attributes.get('message.type');
  return REQUIRED.find((one) => one === type) ?? null;
}

/** Why a message is not for its topic; null when it is. `buffer` is what `scan` has scanned. */
// RocketMQ: TopicMessageType#parseFromMessageProperty, DefaultTopicMessageTypeValidator#validate
export function messageTypeProblem(
  topic: string,
  required: RequiredType,
  scan: PropertyScan,
  buffer: Buffer,
): string | null {
  const type = typeOf(scan, buffer);
  if (type === required || (isPlain(type) && isPlain(required))) return null;
  const official = 'TopicMessageType validate failed, ';
  const what = `the topic ${topic} is for messages of type ${required}, this one is ${type}`;
  const other = `or change the topic, as with mqadmin updateTopic -a +message.type=${type}`;
  return `${official}${what}: ${CURES[required]}, ${other}`;
}

function isPlain(type: RequiredType): boolean {
  return type === 'NORMAL' || type === 'FIFO';
}

function typeOf(scan: PropertyScan, buffer: Buffer): RequiredType {
  if (scan.tranMsgStart >= 0) return 'TRANSACTION';
  const { timerDelaySecStart, timerDelayMsStart, timerDeliverMsStart } = scan;
  const hasTimer = Math.max(timerDelaySecStart, timerDelayMsStart, timerDeliverMsStart) >= 0;
  if (hasTimer || hasDelayLevel(scan, buffer)) return 'DELAY';
  return scan.shardingKeyStart >= 0 ? 'FIFO' : 'NORMAL';
}

/** Level 0 is none. */
function hasDelayLevel({ delayStart, delayEnd }: PropertyScan, buffer: Buffer): boolean {
  if (delayStart < 0) return false;
  return delayEnd - delayStart !== 1 || buffer[delayStart] !== ZERO;
}
