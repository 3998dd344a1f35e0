/**
 * Acknowledges popped messages and changes how long they are invisible. A receipt counts only while
 * it names messages that are really in flight; what is settled already is answered like the first
 * time and changes nothing.
 */
import { type Clock, MqError, MqErrorCode } from '@skylarkmq/base';
import { isOrderHandle, type PopHandle, popRealTopic } from '@skylarkmq/message';
import type { BrokerIdentity } from '../identity.ts';
import type { BrokerSettings } from '../settings.ts';
import type { CheckPoint } from './check-point.ts';
import { Flight, flightKey, type PopQueue, replacedKey } from './flight.ts';
import type { FlightTable } from './flight-table.ts';
import { OrderAck } from './order-info.ts';
import type { OrderedPops } from './ordered-pops.ts';
import type { PopOffsets } from './pop-offsets.ts';
import type { ReviveLog } from './revive-log.ts';
import { isStored, refused } from './store-refusal.ts';

export interface AckerDeps {
  readonly flights: FlightTable;
  readonly ordered: OrderedPops;
  readonly offsets: PopOffsets;
  readonly log: ReviveLog;
  readonly clock: Clock;
  readonly identity: Pick<BrokerIdentity, 'brokerName'>;
  settings(): Pick<BrokerSettings, 'reviveQueueNum'>;
}

/** What a consumer says with a receipt. */
export interface AckTarget {
  readonly group: string;
  /** The topic that the message really lies in. */
  readonly topic: string;
  readonly queueId: number;
  readonly offset: number;
  readonly handle: PopHandle;
}

/** Where a message is after its invisible time was changed. */
export interface ChangedTime {
  readonly popTime: number;
  readonly reviveQueueId: number;
}

type Receipt = Pick<BatchTarget, 'startOffset' | 'popTime' | 'invisibleTime' | 'reviveQueueId'>;

/** Offsets of one receipt: what a batch acknowledges at once. */
export interface BatchTarget {
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
  readonly startOffset: number;
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly reviveQueueId: number;
  readonly offsets: readonly number[];
  readonly isOrder: boolean;
}

export class Acker {
  readonly #deps: AckerDeps;

  constructor(deps: AckerDeps) {
    this.#deps = deps;
  }

  /** Resolves when it is stored. INVALID_ARGUMENT when the receipt is not one for this message. */
  // RocketMQ: AckMessageProcessor#appendAck
  async acknowledge(target: AckTarget): Promise<void> {
    this.#check(target);
    const { group, topic, queueId, offset, handle } = target;
    const { startOffset, popTime, invisibleTime, reviveQueueId } = handle;
    const offsets = [offset];
    const isOrder = isOrderHandle(handle);
    const place = { group, topic, queueId, startOffset, popTime, invisibleTime, reviveQueueId };
    await this.acknowledgeAll({ ...place, offsets, isOrder });
  }

  /** Acknowledges messages of one receipt, those that are in flight. Resolves when it is stored. */
  async acknowledgeAll(target: BatchTarget): Promise<void> {
    const { flights } = this.#deps;
    const { group, topic, queueId, offsets } = target;
    const queue = flights.queue(group, topic, queueId);
    for (const offset of offsets) this.#checkPopped(queue, offset, target.isOrder);
    if (target.isOrder) {
      for (const offset of offsets) await this.#acknowledgeOrdered(queue, offset, target.popTime);
      return;
    }
    const open = this.#openOf(queue, target);
    if (open.size > 1) {
      await Promise.all([...open].map(([flight, some]) => this.#settle(flight, some)));
    } else {
      for (const [flight, some] of open) await this.#settle(flight, some);
    }
  }

  /** What is in flight of a receipt's messages. */
  #openOf(queue: PopQueue, target: BatchTarget): Map<Flight, number[]> {
    const open = new Map<Flight, number[]>();
    const { startOffset, popTime, offsets } = target;
    const flight = queue.flights.get(flightKey(startOffset, popTime));
    // Nearly always all of them are of one flight, and none was replaced.
    if (flight !== undefined && queue.replaced.size === 0 && isSame(flight, target)) {
      const some = offsets.filter((offset) => flight.isOpen(offset));
      for (const offset of offsets) if (!flight.has(offset)) throw altered(queue);
      if (some.length > 0) open.set(flight, some);
      return open;
    }
    for (const offset of offsets) {
      const found = this.#flightOf(queue, target, offset);
      if (found === undefined || !found.isOpen(offset)) continue;
      const others = open.get(found);
      if (others === undefined) open.set(found, [offset]);
      else others.push(offset);
    }
    return open;
  }

  /** Resolves with the new receipt's fields when it is stored; null when nothing is in flight. */
  // RocketMQ: ChangeInvisibleTimeProcessor#processRequestAsync
  async change(
    target: AckTarget,
    invisibleTime: number,
    suspend: boolean,
  ): Promise<ChangedTime | null> {
    this.#check(target);
    const { flights } = this.#deps;
    const { group, topic, queueId, offset, handle } = target;
    const queue = flights.queue(group, topic, queueId);
    const isOrder = isOrderHandle(handle);
    this.#checkPopped(queue, offset, isOrder);
    if (isOrder) return this.#changeOrdered(queue, target, invisibleTime);
    const flight = this.#flightOf(queue, handle, offset);
    if (flight === undefined || !flight.isOpen(offset) || flight.isReturning) return null;
    return this.#flyAgain(flight, offset, invisibleTime, suspend);
  }

  async #changeOrdered(
    queue: PopQueue,
    { offset, handle }: AckTarget,
    invisibleTime: number,
  ): Promise<ChangedTime | null> {
    const visibleMs = this.#deps.clock.nowMs() + invisibleTime;
    const result = await this.#deps.ordered.show(queue, offset, handle.popTime, visibleMs);
    if (result === OrderAck.Unknown) throw notInFlight(queue, offset);
    // The record of the pop keeps its time: receipts of ordered POP never change.
    return { popTime: handle.popTime, reviveQueueId: handle.reviveQueueId };
  }

  /** The new check point and the end of the old one are appended together. */
  async #flyAgain(
    flight: Flight,
    offset: number,
    invisibleTime: number,
    suspend: boolean,
  ): Promise<ChangedTime> {
    const { flights, log, clock, identity } = this.#deps;
    const { queue, reviveQueueId } = flight;
    const { topic, group, queueId } = queue;
    // A receipt of the same millisecond would have the same name.
    const popTime = Math.max(clock.nowMs(), flight.popTime + 1);
    const point: CheckPoint = {
      ...{ topic, group, queueId, startOffset: offset, diffs: [0], popTime, invisibleTime },
      brokerName: identity.brokerName,
      ...{ bitMap: 0, suspend },
    };
    const place = log.place(reviveQueueId);
    const [first] = flight.replaces;
    const last = replacedKey(flight.startOffset, flight.popTime, offset);
    const replaces = first === undefined ? [last] : [first, last];
    const next = new Flight(queue, point, reviveQueueId, place, replaces);
    const { status, stored } = log.checkPoint(point, reviveQueueId);
    if (!isStored(status)) throw refused(status);
    flights.add(next);
    await this.#settle(flight, [offset]);
    const end = await stored;
    if (!isStored(end)) throw refused(end);
    return { popTime, reviveQueueId };
  }

  async #settle(flight: Flight, offsets: readonly number[]): Promise<void> {
    const { flights, log, identity } = this.#deps;
    const { queue, startOffset, popTime, reviveQueueId, dueMs } = flight;
    const { topic, group, queueId } = queue;
    const { brokerName } = identity;
    const ack = { topic, group, queueId, startOffset, popTime, brokerName, offsets };
    const { status, stored } = log.ack(ack, dueMs, reviveQueueId);
    if (!isStored(status)) throw refused(status);
    for (const offset of offsets) flights.acknowledge(flight, offset);
    const end = await stored;
    if (!isStored(end)) throw refused(end);
  }

  async #acknowledgeOrdered(queue: PopQueue, offset: number, popTime: number): Promise<void> {
    const result = await this.#deps.ordered.acknowledge(queue, offset, popTime);
    if (result === OrderAck.Unknown) throw notInFlight(queue, offset);
  }

  /** The flight of a message by its receipt, or by one that was replaced; none when it is over. */
  #flightOf(queue: PopQueue, receipt: Receipt, offset: number): Flight | undefined {
    const { startOffset, popTime } = receipt;
    const replaced = queue.replaced.get(replacedKey(startOffset, popTime, offset));
    if (replaced !== undefined) return replaced;
    const flight = queue.flights.get(flightKey(startOffset, popTime));
    if (flight === undefined) {
      checkSettled(queue, offset);
      return undefined;
    }
    if (isSame(flight, receipt) && flight.has(offset)) return flight;
    throw altered(queue);
  }

  /** A receipt must name the message that it came with, at this broker. */
  #check({ group, topic, queueId, offset, handle }: AckTarget): void {
    const { brokerName } = this.#deps.identity;
    const problem = (reason: string): MqError =>
      new MqError(MqErrorCode.InvalidArgument, `The receipt is not one of this message: ${reason}`);
    if (handle.brokerName !== brokerName) {
      throw problem(`it is of the broker ${handle.brokerName}, this is ${brokerName}`);
    }
    if (handle.queueId !== queueId || handle.queueOffset !== offset) {
      const place = `queue ${handle.queueId} offset ${handle.queueOffset}`;
      throw problem(`it is of ${place}, the request of queue ${queueId} offset ${offset}`);
    }
    if (handle.startOffset > offset) throw problem('it begins behind the message');
    const retry = popRealTopic(handle.topicKind, group, '');
    if (retry !== '' && !topic.startsWith(retry)) {
      throw problem(`it is of a retry topic of ${group}, the request is of ${topic}`);
    }
  }

  /** Nobody has a receipt of what was never handed out. */
  #checkPopped(queue: PopQueue, offset: number, isOrder: boolean): void {
    const end = isOrder ? queue.handle.maxOffset : this.#deps.offsets.peek(queue);
    if (offset >= end) throw notInFlight(queue, offset);
  }
}

function isSame(flight: Flight, { invisibleTime, reviveQueueId }: Receipt): boolean {
  return flight.invisibleTime === invisibleTime && flight.reviveQueueId === reviveQueueId;
}

function notInFlight({ topic, group, queueId }: PopQueue, offset: number): MqError {
  const place = `offset ${offset} of queue ${queueId} of ${topic}`;
  const reason = `The receipt is not one of this broker: ${group} was never given ${place}`;
  return new MqError(MqErrorCode.InvalidArgument, reason);
}

/** Who names a message that is in flight, but not as it was handed out, has no receipt of it. */
function checkSettled(queue: PopQueue, offset: number): void {
  for (const flight of queue.flights.values()) if (flight.isOpen(offset)) throw altered(queue);
}

function altered({ topic, queueId }: PopQueue): MqError {
  const place = `queue ${queueId} of ${topic}`;
  const reason = `it was altered, or its message of ${place} was given out anew`;
  return new MqError(
    MqErrorCode.InvalidArgument,
    `The receipt is not one of this broker: ${reason}`,
  );
}
