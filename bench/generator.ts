/**
 * What the generators that use our own code share: which server, for how long, and the line of
 * figures that bench/measure.ts reads. Flags as those of bench/raw.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Admin } from '@skylarkmq/client';
import type { Figures } from './measure.ts';
import { cpuSeconds, loadAverage } from './processes.ts';

const US_PER_MS = 1000;
const MS_PER_SECOND = 1000;
const US_PER_SECOND = 1e6;

/** What a generator was told. */
export interface Task {
  readonly namesrv: string;
  readonly broker: string;
  /** Whose processor time counts. */
  readonly pids: readonly number[];
  readonly warmSeconds: number;
  readonly seconds: number;
  /** A flag of one generator alone. */
  number(name: string): number;
}

/** Reads the flags; `own` are those of this generator with their defaults. */
export function readTask(own: Readonly<Record<string, number>>): Task {
  const options: Record<string, { type: 'string'; default: string }> = {
    ns: { type: 'string', default: '127.0.0.1:9876' },
    broker: { type: 'string', default: '127.0.0.1:10911' },
    pid: { type: 'string', default: String(process.pid) },
    label: { type: 'string', default: '' },
    warm: { type: 'string', default: '2' },
    dur: { type: 'string', default: '5' },
  };
  for (const [name, value] of Object.entries(own)) {
    options[name] = { type: 'string', default: String(value) };
  }
  const { values } = parseArgs({ options });
  const text = (name: string): string => String(values[name] ?? '');
  const number = (name: string): number => {
    const value = Number(text(name));
    if (text(name) === '' || !Number.isFinite(value)) {
      throw new Error(`--${name} takes a number, not "${text(name)}"`);
    }
    return value;
  };
  return {
    namesrv: text('ns'),
    broker: text('broker'),
    pids: text('pid').split(',').map(Number),
    warmSeconds: number('warm'),
    seconds: number('dur'),
    number,
  };
}

/** Makes a topic as soon as the servers are ready, and resolves with its name. */
export async function makeTopic(admin: Admin, name: string, queues: number): Promise<string> {
  const topic = `bench-${name}-${Date.now().toString(36)}`;
  // Apache's servers listen a little before they answer, and before they know each other.
  const brokers = async (): Promise<number> =>
    admin.brokers().then(
      (all) => all.length,
      () => 0,
    );
  while ((await brokers()) === 0) await delay(100);
  await admin.createTopic({ topic, queues });
  return topic;
}

/** Counts what is done while it runs, and how long each step took. */
export class Meter {
  readonly #pids: readonly number[];
  readonly #cpuBefore: number;
  readonly #began = performance.now();
  readonly #times: number[] = [];
  #messages = 0;

  constructor({ pids }: Pick<Task, 'pids'>) {
    this.#pids = pids;
    this.#cpuBefore = cpuSeconds(pids);
  }

  /** One step for so many messages, which took so many milliseconds. */
  add(messages: number, ms: number): void {
    this.#messages += messages;
    this.#times.push(ms);
  }

  /** The figures from the beginning until now. */
  figures(mode: string): Figures {
    const cpu = cpuSeconds(this.#pids) - this.#cpuBefore;
    const seconds = (performance.now() - this.#began) / MS_PER_SECOND;
    const times = this.#times.sort((one, other) => one - other);
    const us = (share: number): number => Math.round(percentile(times, share) * US_PER_MS);
    return {
      ...{ mode, msgs: this.#messages, rate: Math.round(this.#messages / seconds) },
      broker_cpu_us_msg: Number(((cpu * US_PER_SECOND) / this.#messages).toFixed(2)),
      ...{ p50us: us(0.5), p99us: us(0.99), loadavg: loadAverage() },
    };
  }
}

/**
 * Works in so many lanes at a time: first for the seconds that make both warm, then for those that
 * are measured. `work` resolves with how many messages it settled.
 */
export async function measureLanes(
  task: Task,
  mode: string,
  lanes: number,
  work: () => Promise<number>,
): Promise<Figures> {
  await runLanes(lanes, task.warmSeconds, work, () => {});
  const meter = new Meter(task);
  await runLanes(lanes, task.seconds, work, (messages, ms) => meter.add(messages, ms));
  return meter.figures(mode);
}

async function runLanes(
  lanes: number,
  seconds: number,
  work: () => Promise<number>,
  done: (messages: number, ms: number) => void,
): Promise<void> {
  const until = performance.now() + seconds * MS_PER_SECOND;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      const started = performance.now();
      const messages = await work();
      if (messages > 0) done(messages, performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Of ascending values; NaN when there are none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The line that bench/measure.ts reads. */
export function printFigures(figures: Figures): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
