/** All messages in flight: finds them by receipt, and says when they are due. */
import type { Clock, Scheduler } from '@skylarkmq/base';
import type { MessageStore } from '@skylarkmq/store';
import { DueTimes } from './due-times.ts';
import type { Flight, LogPlace } from './flight.ts';
import { flightKey, PopQueue, popQueueKey } from './flight.ts';

/** Check points in flight at most; beyond that nothing is popped until some are settled. */
const FLIGHTS_MAX = 1_000_000;
/** Pairs of group and queue that are kept at most. */
const POP_QUEUES_MAX = 1_000_000;

export interface FlightTableDeps {
  readonly store: Pick<MessageStore, 'queue'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

export class FlightTable {
  readonly #deps: FlightTableDeps;
  readonly #queues = new Map<string, PopQueue>();
  readonly #dueTimes: DueTimes<Flight>;
  /** By revive queue, oldest first: what recovery needs begins at the first. */
  readonly #unsettled = new Map<number, Set<Flight>>();
  /** Places of flights that may be settled. */
  #kept: { reviveQueueId: number; place: LogPlace; untilMs: number }[] = [];
  #count = 0;

  /** `due` hears of flights whose time is over and that have open messages. */
  constructor(deps: FlightTableDeps, due: (flight: Flight) => void) {
    this.#deps = deps;
    this.#dueTimes = new DueTimes(deps, due);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= FLIGHTS_MAX || this.#queues.size >= POP_QUEUES_MAX;
  }

  /** The state of a queue for a group; made when there is none. */
  queue(group: string, topic: string, queueId: number): PopQueue {
    const key = popQueueKey(group, topic, queueId);
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue = new PopQueue(group, this.#deps.store.queue(topic, queueId));
    this.#queues.set(key, queue);
    return queue;
  }

  find(group: string, topic: string, queueId: number): PopQueue | undefined {
    return this.#queues.get(popQueueKey(group, topic, queueId));
  }

  /** The flight of a check point by the unique key of its record; none when it is settled. */
  ofCheckPoint(uniqueKey: string): Flight | undefined {
    const [topic = '', queueId, start, group = '', popTime] = uniqueKey.split('@');
    const queue = this.find(group, topic, Number(queueId));
    return queue?.flights.get(flightKey(Number(start), Number(popTime)));
  }

  /** Messages of a queue that the group has in flight. */
  inFlight(group: string, topic: string, queueId: number): number {
    return this.find(group, topic, queueId)?.inFlight ?? 0;
  }

  add(flight: Flight): void {
    const { queue } = flight;
    queue.flights.set(flight.key, flight);
    for (const receipt of flight.replaces) queue.replaced.set(receipt, flight);
    queue.inFlight += flight.open;
    this.#count++;
    const unsettled = this.#unsettled.get(flight.reviveQueueId);
    if (unsettled === undefined) this.#unsettled.set(flight.reviveQueueId, new Set([flight]));
    else unsettled.add(flight);
    this.#dueTimes.add(flight, flight.dueMs);
  }

  /** False when the message is not one of the flight, or acknowledged already. */
  acknowledge(flight: Flight, offset: number): boolean {
    if (!flight.acknowledge(offset)) return false;
    flight.queue.inFlight--;
    if (flight.isSettled) this.#remove(flight);
    return true;
  }

  /** Lets the flight be due again after a while: its messages could not be put back. */
  postpone(flight: Flight, dueMs: number): void {
    this.#dueTimes.add(flight, dueMs);
  }

  /** Forgets a topic that is gone: nothing of it can come back. */
  removeTopic(topic: string): void {
    this.#forget((queue) => queue.topic === topic);
  }

  removeGroup(group: string): void {
    this.#forget((queue) => queue.group === group);
  }

  /**
   * Keeps the place of a flight until then, even when it is settled: its check point was written
   * once more, behind acknowledgements that belong to it.
   */
  keepPlace({ reviveQueueId, place }: Flight, untilMs: number): void {
    this.#kept.push({ reviveQueueId, place, untilMs });
  }

  /** Where the oldest check point of each revive queue lies that a start must know of. */
  oldest(): ReadonlyMap<number, LogPlace> {
    const places = new Map<number, LogPlace>();
    for (const [reviveQueueId, flights] of this.#unsettled) {
      for (const flight of flights) {
        places.set(reviveQueueId, flight.place);
        break;
      }
    }
    const nowMs = this.#deps.clock.nowMs();
    this.#kept = this.#kept.filter(({ untilMs }) => untilMs > nowMs);
    for (const { reviveQueueId, place } of this.#kept) {
      const before = places.get(reviveQueueId);
      const isOlder = before === undefined || place.wheelOffset < before.wheelOffset;
      if (isOlder) places.set(reviveQueueId, place);
    }
    return places;
  }

  close(): void {
    this.#dueTimes.close();
  }

  #forget(isGone: (queue: PopQueue) => boolean): void {
    for (const [key, queue] of this.#queues) {
      if (!isGone(queue)) continue;
      for (const flight of queue.flights.values()) this.#remove(flight);
      this.#queues.delete(key);
    }
  }

  #remove(flight: Flight): void {
    const { queue } = flight;
    if (!queue.flights.delete(flight.key)) return;
    for (const receipt of flight.replaces) queue.replaced.delete(receipt);
    queue.inFlight -= flight.open;
    this.#count--;
    this.#unsettled.get(flight.reviveQueueId)?.delete(flight);
    this.#dueTimes.remove(flight, flight.dueMs);
  }
}
