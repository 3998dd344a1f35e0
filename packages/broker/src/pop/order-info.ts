/**
 * Ordered POP of one queue: which messages the group has. Nobody gets more of the queue until each
 * of them is acknowledged, or visible again. Apache's record in config/consumerOrderInfo.json.
 */
import {
  type JsonInputObject,
  type JsonValue,
  jsonArrayOr,
  jsonNumber,
  jsonNumberOr,
  jsonObject,
  jsonObjectOr,
  jsonStringOr,
} from '@skylarkmq/base';

/** What became of an acknowledgement. */
export const OrderAck = {
  /** Not one of the messages that are out. */
  Unknown: 'unknown',
  /** Of an earlier pop: its messages were handed out again since. */
  Stale: 'stale',
  Done: 'done',
} as const;

export type OrderAck = (typeof OrderAck)[keyof typeof OrderAck];

/** An ordered pop. */
export interface OrderPop {
  readonly popTime: number;
  readonly invisibleTime: number;
  /** Names the try, so that a repetition after a lost answer is let through. */
  readonly attemptId: string;
  /** Ascending, at most 32. */
  readonly offsets: readonly number[];
}

export class OrderInfo {
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly attemptId: string;
  readonly offsets: readonly number[];
  /** Messages that are visible at another time than the pop says. */
  readonly #visibleMs: Map<number, number>;
  /** How often messages were handed out before. */
  readonly #counts: Map<number, number>;
  #ackedBits: number;

  constructor(
    pop: OrderPop,
    counts: Map<number, number> = new Map(),
    visibleMs: Map<number, number> = new Map(),
    ackedBits = 0,
  ) {
    this.popTime = pop.popTime;
    this.invisibleTime = pop.invisibleTime;
    this.attemptId = pop.attemptId;
    this.offsets = pop.offsets;
    this.#counts = counts;
    this.#visibleMs = visibleMs;
    this.#ackedBits = ackedBits;
  }

  /** The record of the next pop, which counts what it hands out again. */
  // RocketMQ: OrderInfo#mergeOffsetConsumedCount
  next(pop: OrderPop): OrderInfo {
    if (this.attemptId !== '' && this.attemptId === pop.attemptId) {
      return new OrderInfo(pop, this.#counts);
    }
    const counts = new Map<number, number>();
    for (const offset of pop.offsets) {
      if (this.offsets.includes(offset)) counts.set(offset, (this.#counts.get(offset) ?? 0) + 1);
    }
    return new OrderInfo(pop, counts);
  }

  /** How often each message that was handed out before was. */
  get counts(): ReadonlyMap<number, number> {
    return this.#counts;
  }

  isAcked(offset: number): boolean {
    const index = this.offsets.indexOf(offset);
    return index >= 0 && (this.#ackedBits & (1 << index)) !== 0;
  }

  /** When the queue is free; 0 when it is. The same attempt is always let through. */
  // RocketMQ: OrderInfo#needBlock
  blockedUntil(attemptId: string): number {
    if (attemptId !== '' && attemptId === this.attemptId) return 0;
    let latestMs = 0;
    for (const [index, offset] of this.offsets.entries()) {
      if ((this.#ackedBits & (1 << index)) !== 0) continue;
      const ms = this.#visibleMs.get(offset) ?? this.popTime + this.invisibleTime;
      latestMs = Math.max(latestMs, ms);
    }
    return latestMs;
  }

  // RocketMQ: ConsumerOrderInfoManager#commitAndNext
  acknowledge(offset: number, popTime: number): OrderAck {
    const index = this.offsets.indexOf(offset);
    if (index < 0) return OrderAck.Unknown;
    if (popTime !== this.popTime) return OrderAck.Stale;
    this.#ackedBits |= 1 << index;
    return OrderAck.Done;
  }

  /** The first message that is not acknowledged, or what follows the last. */
  get nextOffset(): number {
    for (const [index, offset] of this.offsets.entries()) {
      if ((this.#ackedBits & (1 << index)) === 0) return offset;
    }
    return (this.offsets.at(-1) ?? -1) + 1;
  }

  // RocketMQ: ConsumerOrderInfoManager#updateNextVisibleTime
  show(offset: number, popTime: number, visibleMs: number): OrderAck {
    if (!this.offsets.includes(offset)) return OrderAck.Unknown;
    if (popTime !== this.popTime) return OrderAck.Stale;
    this.#visibleMs.set(offset, visibleMs);
    return OrderAck.Done;
  }

  json(lastMs: number): JsonInputObject {
    const [first = 0] = this.offsets;
    return {
      a: this.attemptId === '' ? undefined : this.attemptId,
      cm: this.#ackedBits >>> 0,
      i: this.invisibleTime,
      l: lastMs,
      o: this.offsets.map((offset, index) => (index === 0 ? offset : offset - first)),
      oc: this.#counts,
      ot: this.#visibleMs,
      popTime: this.popTime,
    };
  }
}

/** CORRUPT when the value has not Apache's form. */
export function orderInfoOf(value: JsonValue): OrderInfo {
  const object = jsonObject(value, 'order info');
  const listed = jsonArrayOr(object.get('o'), 'o').map((one) => jsonNumber(one, 'o'));
  const [first = 0] = listed;
  const pop: OrderPop = {
    popTime: jsonNumber(object.get('popTime'), 'popTime'),
    invisibleTime: jsonNumberOr(object.get('i'), 'i', 0),
    attemptId: jsonStringOr(object.get('a'), 'a', ''),
    offsets: listed.map((offset, index) => (index === 0 ? offset : first + offset)),
  };
  const bits = jsonNumberOr(object.get('cm'), 'cm', 0);
  return new OrderInfo(pop, numbers(object.get('oc'), 'oc'), numbers(object.get('ot'), 'ot'), bits);
}

function numbers(value: JsonValue | undefined, name: string): Map<number, number> {
  const map = new Map<number, number>();
  for (const [key, one] of jsonObjectOr(value, name)) map.set(Number(key), jsonNumber(one, name));
  return map;
}
