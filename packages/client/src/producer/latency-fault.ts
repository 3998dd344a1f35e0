/**
 * Remembers how brokers behave and keeps away from slow ones for a while (latency fault
 * tolerance). It holds no timers: an isolation ends when the clock passes it.
 */
import type { Clock } from '@skylarkmq/base';

// RocketMQ: MQFaultStrategy (latencyMax, notAvailableDuration)
const LATENCY_MS: readonly number[] = [50, 100, 550, 1_800, 3_000, 5_000, 15_000];
const ISOLATION_MS: readonly number[] = [0, 0, 2_000, 5_000, 6_000, 10_000, 30_000];

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
  readonly #faults = new Map<string, Fault>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes an attempt that was answered after `latencyMs`. */
  answered(brokerName: string, latencyMs: number): void {
    this.#note(brokerName, latencyMs, isolationOf(latencyMs), true);
  }

  /** Notes an attempt that failed; `reachable` tells whether the broker answered at all. */
  failed(brokerName: string, latencyMs: number, reachable: boolean): void {
    this.#note(brokerName, latencyMs, isolationOf(FAILURE_COUNTS_AS_MS), reachable);
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
export function isolationOf(latencyMs: number): number {
  for (let step = LATENCY_MS.length - 1; step >= 0; step--) {
    if (latencyMs >= (LATENCY_MS[step] ?? 0)) return ISOLATION_MS[step] ?? 0;
  }
  return 0;
}
