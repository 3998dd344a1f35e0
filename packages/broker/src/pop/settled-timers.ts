/**
 * Says of POP's timers which of them nobody needs: those of a check point with nothing in flight,
 * and of its acknowledgements when the check point itself did not reach the revive topic.
 */
import { type Clock, MqError } from '@skylarkmq/base';
import { PropertyName } from '@skylarkmq/message';
import type { TimerRecord } from '../timer/timer-record.ts';
import { type CheckPointAck, checkPointKey, isCheckPointKey, parseAck } from './check-point.ts';
import { flightKey } from './flight.ts';
import type { FlightTable } from './flight-table.ts';
import { CHECK_POINT_LEAD_MS } from './revive-log.ts';

/** Check points that are remembered at most, and for how long after their time. */
const FIRED_MAX = 200_000;
const FIRED_MS = 60_000;
/** The acknowledgements of a check point fired by then. */
const ACKS_LATE_MS_MAX = 10_000;

/** A timer message as its delivery sees it. */
export type DueTimer = Pick<TimerRecord, 'topic' | 'uniqueKey' | 'properties'>;

export interface SettledTimersDeps {
  readonly flights: FlightTable;
  readonly clock: Clock;
  /** The revive topic. */
  readonly topic: string;
}

export class SettledTimers {
  readonly #deps: SettledTimersDeps;
  /** Check points whose timers fired while something was in flight, with their time, ms. */
  readonly #fired = new Map<string, number>();
  /** Of timers of check points before this it is not known whether they fired. */
  #knownFromMs: number;

  constructor(deps: SettledTimersDeps) {
    this.#deps = deps;
    this.#knownFromMs = deps.clock.nowMs();
  }

  /**
   * Whether a timer that is due need not be delivered. Between the time of a check point and those
   * of its acknowledgements lies a second: so the acknowledgements of one that nobody reads are of
   * no use to anybody, and those of one that another broker may read are delivered.
   */
  isSettled(timer: DueTimer, body: Buffer): boolean {
    const { topic, flights, clock } = this.#deps;
    if (timer.topic !== topic) return false;
    const deliverMs = Number(timer.properties.get(PropertyName.TimerDeliverMs));
    if (isCheckPointKey(timer.uniqueKey)) {
      const flight = flights.ofCheckPoint(timer.uniqueKey);
      if (flight === undefined) return true;
      flights.keepPlace(flight, flight.dueMs + ACKS_LATE_MS_MAX);
      this.#fired.delete(timer.uniqueKey);
      this.#fired.set(timer.uniqueKey, deliverMs);
      this.#forget(clock.nowMs());
      return false;
    }
    if (!(deliverMs - CHECK_POINT_LEAD_MS > this.#knownFromMs)) return false;
    const ack = ackOf(body);
    if (ack === undefined || this.#fired.has(checkPointKey(ack))) return false;
    const queue = flights.find(ack.group, ack.topic, ack.queueId);
    return queue?.flights.has(flightKey(ack.startOffset, ack.popTime)) !== true;
  }

  #forget(nowMs: number): void {
    for (const [key, deliverMs] of this.#fired) {
      if (deliverMs + FIRED_MS > nowMs && this.#fired.size <= FIRED_MAX) return;
      this.#fired.delete(key);
      this.#knownFromMs = Math.max(this.#knownFromMs, deliverMs);
    }
  }
}

/** Undefined when it is none that can be read. */
function ackOf(body: Buffer): CheckPointAck | undefined {
  try {
    return parseAck(body.toString('utf8'));
  } catch (error) {
    if (error instanceof MqError) return undefined;
    throw error;
  }
}
