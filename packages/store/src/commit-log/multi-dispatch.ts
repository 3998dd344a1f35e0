/**
 * One message for several light queues (LMQ): its properties name them, and get the offset that it
 * has in each when it is appended (docs/formats/light-queues.md).
 */
import { decodeProperties, encodeProperties, isLmq, PropertyName } from '@skylarkmq/message';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import type { QueueTable } from '../consume-queue/queue-table.ts';
import { PutStatus } from '../put-status.ts';

/** Light queues that one message may be dispatched to besides its own queue. */
export const LIGHT_QUEUES_PER_MESSAGE_MAX: number = 1024;
/** Light queues have one queue each. */
export const LIGHT_QUEUE_ID: number = 0;
const SEPARATOR = ',';
/** What a topic must not begin with. RocketMQ: MessageExtBrokerInner#needDispatchLMQ */
const EXCLUDED = ['%RETRY%', 'rmq_sys_', 'SCHEDULE_TOPIC_XXXX'];

/** Whether messages of the topic go to light queues; others wait there for what comes later. */
export function mayDispatchToMany(topic: string): boolean {
  return !EXCLUDED.some((prefix) => topic.startsWith(prefix));
}

/** Why a message cannot go to light queues. */
export interface LightQueueRefusal {
  readonly status: PutStatus;
  readonly reason: string;
}

/** Finds the light queues of messages, and keeps their number within limits. */
export class LightQueues {
  readonly #table: QueueTable;
  readonly #queuesMax: () => number;

  constructor(table: QueueTable, queuesMax: () => number) {
    this.#table = table;
    this.#queuesMax = queuesMax;
  }

  /** The light queues that encoded properties name, once each; or why that cannot be. */
  of(source: Buffer, start: number, end: number): ConsumeQueue[] | LightQueueRefusal {
    const table = this.#table;
    const names = namesOf(source, start, end);
    const odd = names.find((name) => !table.isSafe(name));
    if (odd !== undefined) return illegal(`${JSON.stringify(odd)} is no name of a light queue`);
    if (names.length > LIGHT_QUEUES_PER_MESSAGE_MAX) {
      const max = LIGHT_QUEUES_PER_MESSAGE_MAX;
      return illegal(`it names ${names.length} light queues, at most ${max}`);
    }
    const added = names.filter((name) => table.find(name, LIGHT_QUEUE_ID) === undefined).length;
    const count = table.lightCount;
    const max = this.#queuesMax();
    if (added > 0 && count + added > max) {
      const reason = `there are ${count} light queues, at most ${max}`;
      return { status: PutStatus.LmqQuotaExceeded, reason };
    }
    return names.map((name) => table.get(name, LIGHT_QUEUE_ID));
  }
}

function namesOf(source: Buffer, start: number, end: number): string[] {
  const properties = decodeProperties(source, start, end);
  const names = (properties.get(PropertyName.InnerMultiDispatch) ?? '').split(SEPARATOR);
  return [...new Set(names.filter(isLmq))];
}

function illegal(reason: string): LightQueueRefusal {
  return { status: PutStatus.MessageIllegal, reason };
}

/** The properties with the next offset of each queue; names of others get nothing. */
// RocketMQ: LmqDispatch#wrapLmqDispatch
export function stampOffsets(
  source: Buffer,
  start: number,
  end: number,
  queues: readonly ConsumeQueue[],
): Buffer {
  const properties = decodeProperties(source, start, end);
  const names = (properties.get(PropertyName.InnerMultiDispatch) ?? '').split(SEPARATOR);
  const offsets = new Map(queues.map((queue) => [queue.topic, String(queue.nextOffset)]));
  const text = names.map((name) => offsets.get(name) ?? '').join(SEPARATOR);
  if (text !== '') properties.set(PropertyName.InnerMultiQueueOffset, text);
  return encodeProperties(properties);
}
