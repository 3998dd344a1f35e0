/**
 * Counts messages, bytes and calls, and remembers how much that was at the samples of the last
 * minute, hour and day. An idle counter keeps one sample per window.
 */

/** Milliseconds between the samples of a window, and how many of them it spans. */
interface WindowKind {
  readonly periodMs: number;
  readonly samples: number;
}

/** RocketMQ: StatsItem#init */
const MINUTE: WindowKind = { periodMs: 10_000, samples: 7 };
const HOUR: WindowKind = { periodMs: 600_000, samples: 7 };
const DAY: WindowKind = { periodMs: 3_600_000, samples: 25 };
const KINDS: readonly WindowKind[] = [MINUTE, HOUR, DAY];

/** A sample may come so much too early. */
const SAMPLE_JITTER_MS = 5000;
/** About how often `sample` is to be called. */
export const SAMPLE_PERIOD_MS: number = MINUTE.periodMs;

/** Counts of one window: from its oldest sample to now. */
export interface StatsWindow {
  readonly sum: number;
  /** Per second. */
  readonly tps: number;
  /** Sum per call. */
  readonly avgpt: number;
}

/** Answer of VIEW_BROKER_STATS_DATA. */
export interface StatsView {
  readonly statsMinute: StatsWindow;
  readonly statsHour: StatsWindow;
  readonly statsDay: StatsWindow;
}

interface Sample {
  readonly timeMs: number;
  readonly messages: number;
  readonly bytes: number;
  readonly calls: number;
}

export class TrafficCounter {
  messages = 0;
  bytes = 0;
  calls = 0;
  /** Per kind of window, oldest first; only samples that differ from the one before. */
  readonly #windows: Sample[][];
  #sampledCalls = 0;
  /** Whether there is nothing to note until the next call is counted. */
  #isQuiet = false;

  constructor(nowMs: number) {
    const zero = { timeMs: nowMs, messages: 0, bytes: 0, calls: 0 };
    this.#windows = KINDS.map(() => [zero]);
  }

  /** Counts one call. */
  add(messages: number, bytes: number): void {
    this.messages += messages;
    this.bytes += bytes;
    this.calls += 1;
  }

  /** Notes what is counted so far; about every `SAMPLE_PERIOD_MS`, `nowMs` being monotonic. */
  sample(nowMs: number): void {
    const { messages, bytes, calls } = this;
    if (calls === this.#sampledCalls && this.#isQuiet) return;
    this.#isQuiet = calls === this.#sampledCalls;
    this.#sampledCalls = calls;
    let sample: Sample | undefined;
    for (let index = 0; index < KINDS.length; index++) {
      const window = this.#windows[index];
      const kind = KINDS[index];
      if (window === undefined || kind === undefined) continue;
      const last = window[window.length - 1];
      if (last === undefined) continue;
      if (last.calls !== calls) {
        this.#isQuiet = false;
        if (nowMs - last.timeMs >= kind.periodMs - SAMPLE_JITTER_MS) {
          sample ??= { timeMs: nowMs, messages, bytes, calls };
          window.push(sample);
        }
      }
      dropOld(window, nowMs - spanMs(kind));
      if (window.length > 1) this.#isQuiet = false;
    }
  }

  /** Undefined while nothing was counted. */
  view(what: 'messages' | 'bytes', nowMs: number): StatsView | undefined {
    if (this.calls === 0) return undefined;
    const [minute, hour, day] = this.#windows;
    return {
      statsMinute: this.#window(minute, MINUTE, what, nowMs),
      statsHour: this.#window(hour, HOUR, what, nowMs),
      statsDay: this.#window(day, DAY, what, nowMs),
    };
  }

  #window(
    window: readonly Sample[] | undefined,
    kind: WindowKind,
    what: 'messages' | 'bytes',
    nowMs: number,
  ): StatsWindow {
    const startMs = nowMs - spanMs(kind);
    let first = window?.[0];
    for (const sample of window ?? []) if (sample.timeMs <= startMs) first = sample;
    if (first === undefined) return { sum: 0, tps: 0, avgpt: 0 };
    const sum = this[what] - first[what];
    const calls = this.calls - first.calls;
    // A counter that is younger than a sample must not look faster than it is.
    const ms = Math.max(nowMs - Math.max(first.timeMs, startMs), SAMPLE_PERIOD_MS);
    return { sum, tps: (sum * 1000) / ms, avgpt: calls === 0 ? 0 : sum / calls };
  }
}

function spanMs(kind: WindowKind): number {
  return kind.periodMs * (kind.samples - 1);
}

/** One sample at or before the start of the window is enough. */
function dropOld(window: Sample[], startMs: number): void {
  while (window.length > 1 && (window[1]?.timeMs ?? 0) <= startMs) window.shift();
}
