/**
 * Remembers how brokers behave and keeps away from slow ones for a while (latency fault
 * tolerance). It holds no timers: an isolation ends when the clock passes it.
 */
import type { Clock } from '@skylarkmq/base';

/** A broker that answered after this time or more is avoided for a while. */
export interface LatencyStep {
  readonly latencyMs: number;
  readonly isolationMs: number;
}

// RocketMQ: MQFaultStrategy (latencyMax, notAvailableDuration)
export const LATENCY_STEPS: readonly LatencyStep[] = [
  { latencyMs: 550, isolationMs: 2_000 },
  { latencyMs: 1_800, isolationMs: 5_000 },
  { latencyMs: 3_000, isolationMs: 6_000 },
  { latencyMs: 5_000, isolationMs: 10_000 },
  { latencyMs: 15_000, isolationMs: 30_000 },
];

/** What an attempt that ended with an error counts as, in milliseconds. */
const FAILURE_COUNTS_AS_MS = 10_000;

/** Brokers remembered at most; the oldest entry goes first. */
const BROKERS_MAX = 10_000;

interface Fault {
  latencyMs: number;
  /** Monotonic time until which the broker is avoided. */
  isolatedUntilMs: number;
  reachable: boolean;
}

/** The table of brokers and how far each can be trusted right now. */
export class LatencyFault {
  readonly #clock: Clock;
  readonly #steps: readonly LatencyStep[];
  readonly #faults = new Map<string, Fault>();

  /** `steps` in ascending order. */
  constructor(clock: Clock, steps: readonly LatencyStep[] = LATENCY_STEPS) {
    this.#clock = clock;
    this.#steps = steps;
  }

  /** Notes an attempt that was answered after `latencyMs`. */
  answered(brokerName: string, latencyMs: number): void {
    this.#note(brokerName, latencyMs, isolationOf(latencyMs, this.#steps), true);
  }

  /** Notes an attempt that failed; `reachable` tells whether the broker answered at all. */
  failed(brokerName: string, latencyMs: number, reachable: boolean): void {
    this.#note(brokerName, latencyMs, isolationOf(FAILURE_COUNTS_AS_MS, this.#steps), reachable);
  }

  /** Whether the broker is not isolated at the moment. */
  isAvailable(brokerName: string): boolean {
    const fault = this.#faults.get(brokerName);
    return fault === undefined || this.#clock.monotonicMs() >= fault.isolatedUntilMs;
  }

  /** Whether the broker answered at the last attempt. */
  isReachable(brokerName: string): boolean {
    return this.#faults.get(brokerName)?.reachable ?? true;
  }

  #note(brokerName: string, latencyMs: number, isolationMs: number, reachable: boolean): void {
    const until = this.#clock.monotonicMs() + isolationMs;
    const fault = this.#faults.get(brokerName);
    if (fault !== undefined) {
      fault.latencyMs = latencyMs;
      fault.reachable = reachable;
      // An isolation is only ever prolonged: one fast answer does not end it.
      if (until > fault.isolatedUntilMs) fault.isolatedUntilMs = until;
      return;
    }
    if (this.#faults.size >= BROKERS_MAX) {
      const oldest = this.#faults.keys().next();
      if (oldest.done !== true) this.#faults.delete(oldest.value);
    }
    this.#faults.set(brokerName, { latencyMs, isolatedUntilMs: until, reachable });
  }
}

/** The isolation that a latency earns: of the largest step that is not above it. */
export function isolationOf(latencyMs: number, steps: readonly LatencyStep[]): number {
  return steps.findLast((step) => latencyMs >= step.latencyMs)?.isolationMs ?? 0;
}
