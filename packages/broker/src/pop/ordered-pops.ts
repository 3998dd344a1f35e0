/**
 * Ordered POP: a queue is closed to its group while messages of it are out. What happens is written
 * to the revive topic in records of our own, so that a killed broker knows it again; Apache passes
 * over them and has config/consumerOrderInfo.json.
 */
import type { Clock, Scheduler } from '@skylarkmq/base';
import { PopTopicKind } from '@skylarkmq/message';
import type { RecordFilter } from '@skylarkmq/store';
import type { BrokerSettings } from '../settings.ts';
import { DueTimes } from './due-times.ts';
import type { PopQueue } from './flight.ts';
import { OrderAck, OrderInfo, type OrderPop } from './order-info.ts';
import type { OrderInfos } from './order-infos.ts';
import { type OrderNote, OrderTag, orderNoteKey, orderNoteText } from './order-note.ts';
import type { PopOffsets } from './pop-offsets.ts';
import type { Popped, PopRequest } from './pop-request.ts';
import { queueOffsetAt } from './popped-records.ts';
import type { ReviveLog } from './revive-log.ts';
import { isStored, refused } from './store-refusal.ts';

export interface OrderedPopsDeps {
  readonly infos: OrderInfos;
  readonly offsets: PopOffsets;
  readonly log: ReviveLog;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  settings(): Pick<BrokerSettings, 'reviveQueueNum'>;
  /** A queue is open again. */
  opened(queue: PopQueue): void;
}

export class OrderedPops {
  readonly #deps: OrderedPopsDeps;
  readonly #openings: DueTimes<PopQueue>;

  constructor(deps: OrderedPopsDeps) {
    this.#deps = deps;
    this.#openings = new DueTimes(deps, (queue) => {
      if (!this.isBlocked(queue, '')) deps.opened(queue);
    });
  }

  /** Whether messages of the queue are out that this attempt is not a repetition of. */
  isBlocked(queue: PopQueue, attemptId: string): boolean {
    const info = this.#info(queue);
    return info !== undefined && info.blockedUntil(attemptId) > this.#deps.clock.nowMs();
  }

  /** Lets records through that are not acknowledged, and that `records` wants. */
  notAcknowledged(queue: PopQueue, records: RecordFilter | null): RecordFilter | null {
    const info = this.#info(queue);
    if (info === undefined) return records;
    return (buffer, start, end) => {
      if (info.isAcked(queueOffsetAt(buffer, start, queue.topic))) return false;
      return records === null || records(buffer, start, end);
    };
  }

  /** Closes the queue; resolves when that is stored. */
  // RocketMQ: ConsumerOrderInfoManager#update
  async take(
    request: PopRequest,
    queue: PopQueue,
    popped: Popped,
    offsets: readonly number[],
  ): Promise<void> {
    const { invisibleTime, attemptId } = request;
    const { popTime } = popped;
    const pop: OrderPop = { popTime, invisibleTime, attemptId, offsets };
    const stored = this.#note(queue, { tag: OrderTag.Pop, ...placeOf(queue), ...pop });
    const info = this.applyPop(queue, pop);
    let least = offsets.length > info.counts.size ? 0 : Number.MAX_SAFE_INTEGER;
    const { queueId } = queue;
    const kind = PopTopicKind.Normal;
    for (const [queueOffset, count] of info.counts) {
      least = Math.min(least, count);
      popped.orderCounts.push({ kind, queueId, queueOffset, count });
    }
    popped.orderCounts.push({ kind, queueId, count: least });
    await stored;
  }

  /** Acknowledges a message and commits as far as that goes. Resolves when it is stored. */
  // RocketMQ: AckMessageProcessor#ackOrderly
  async acknowledge(queue: PopQueue, offset: number, popTime: number): Promise<OrderAck> {
    const { offsets } = this.#deps;
    if (offset < offsets.peek(queue)) return OrderAck.Done;
    const info = this.#info(queue);
    if (info === undefined || !info.offsets.includes(offset)) return OrderAck.Unknown;
    if (info.popTime !== popTime) return OrderAck.Stale;
    if (info.isAcked(offset)) return OrderAck.Done;
    const stored = this.#note(queue, { tag: OrderTag.Ack, ...placeOf(queue), offset, popTime });
    const result = this.applyAck(queue, offset, popTime);
    await stored;
    if (!this.isBlocked(queue, '')) this.#deps.opened(queue);
    return result;
  }

  /** Sets when a message is visible again. Resolves when that is stored. */
  async show(
    queue: PopQueue,
    offset: number,
    popTime: number,
    visibleMs: number,
  ): Promise<OrderAck> {
    const info = this.#info(queue);
    if (info === undefined || !info.offsets.includes(offset)) return OrderAck.Unknown;
    if (info.popTime !== popTime) return OrderAck.Stale;
    const note: OrderNote = { tag: OrderTag.Show, ...placeOf(queue), offset, popTime, visibleMs };
    const stored = this.#note(queue, note);
    const result = this.applyShow(queue, offset, popTime, visibleMs);
    await stored;
    return result;
  }

  applyPop(queue: PopQueue, pop: OrderPop): OrderInfo {
    const { infos } = this.#deps;
    const info = this.#info(queue)?.next(pop) ?? new OrderInfo(pop);
    infos.set(queue.group, queue.topic, queue.queueId, info);
    this.#openings.add(queue, info.blockedUntil(''));
    return info;
  }

  applyAck(queue: PopQueue, offset: number, popTime: number): OrderAck {
    const { infos, offsets } = this.#deps;
    const info = this.#info(queue);
    if (info === undefined) return OrderAck.Unknown;
    const result = info.acknowledge(offset, popTime);
    if (result !== OrderAck.Done) return result;
    infos.changed();
    const next = info.nextOffset;
    if (next > offsets.peek(queue)) {
      queue.offset = next;
      offsets.commit(queue, next);
    }
    return result;
  }

  applyShow(queue: PopQueue, offset: number, popTime: number, visibleMs: number): OrderAck {
    const info = this.#info(queue);
    if (info === undefined) return OrderAck.Unknown;
    const result = info.show(offset, popTime, visibleMs);
    if (result !== OrderAck.Done) return result;
    this.#deps.infos.changed();
    this.#openings.add(queue, info.blockedUntil(''));
    return result;
  }

  /** When the messages of the last pop were handed out; 0 when there was none. */
  popTimeOf(queue: PopQueue): number {
    return this.#info(queue)?.popTime ?? 0;
  }

  close(): void {
    this.#openings.close();
  }

  #info({ group, topic, queueId }: PopQueue): OrderInfo | undefined {
    return this.#deps.infos.get(group, topic, queueId);
  }

  /** Throws when it is not taken; resolves when it is stored. */
  #note(queue: PopQueue, note: OrderNote): Promise<void> {
    const { log, settings } = this.#deps;
    const reviveQueueId = queue.queueId % Math.max(1, settings().reviveQueueNum);
    const text = orderNoteText(note);
    const { status, stored } = log.note(note.tag, text, orderNoteKey(note), reviveQueueId);
    if (!isStored(status)) throw refused(status);
    return stored.then((end) => {
      if (!isStored(end)) throw refused(end);
    });
  }
}

function placeOf({ group, topic, queueId }: PopQueue): {
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
} {
  return { group, topic, queueId };
}
