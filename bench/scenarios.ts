/** What is measured beside Apache RocketMQ, and the target that issue and design set for it. */
import { type Figures, javaClient, ownClient, raw } from './measure.ts';
import type { Flush, Server } from './servers.ts';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly flush: Flush;
  /** Whether the row quotes CPU and rate, latencies, or all of it. */
  readonly quote: 'cost' | 'latency' | 'all';
  readonly target: string;
  /**
   * Servers of its own, with these lines in Apache's configuration; default the servers that the
   * other scenarios use.
   */
  readonly fresh?: { readonly apacheLines: readonly string[] };
  /** Runs once before the first measurement on each server. */
  prepare?(server: Server): void;
  measure(server: Server, seconds: Seconds): Figures;
}

export interface Seconds {
  readonly warm: number;
  readonly run: number;
}

function time(seconds: Seconds): string[] {
  return ['-warm', String(seconds.warm), '-dur', String(seconds.run)];
}

/** The same for generators with our own client. */
function times(seconds: Seconds): string[] {
  return ['--warm', String(seconds.warm), '--dur', String(seconds.run)];
}

const pipelined = ['-mode', 'send', '-conns', '4', '-inflight', '32', '-body', '1024'];
const alone = ['-mode', 'send', '-conns', '1', '-inflight', '1', '-body', '1024', '-ser', 'json'];
const tail = ['-topic', 'TailBench', '-conns', '4', '-ser', 'json', '-body', '1024'];

/**
 * Some thousand messages in a topic of their own, less than any server keeps in memory: what a
 * consumer at the tail reads.
 */
function fillTail(server: Server): void {
  // Each connection fills a queue of its own.
  const flags = ['-mode', 'send', '-batch', '32', '-conns', '4', '-inflight', '1'];
  raw(server, [...tail, ...flags, '-warm', '0.02', '-dur', '0.06', '-quiet', '0']);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'send-json',
    title: 'pipelined send, ASYNC, 4 x 32, JSON headers',
    flush: 'async',
    quote: 'cost',
    target: 'CPU <= 12 us and <= 1/4; rate >= 1.8 x',
    measure: (server, seconds) => raw(server, [...pipelined, '-ser', 'json', ...time(seconds)]),
  },
  {
    name: 'send-binary',
    title: 'pipelined send, ASYNC, 4 x 32, binary headers',
    flush: 'async',
    quote: 'cost',
    target: 'CPU <= 10 us and <= 1/3; rate >= 1.8 x',
    measure: (server, seconds) => raw(server, [...pipelined, '-ser', 'rmq', ...time(seconds)]),
  },
  {
    name: 'batch',
    title: 'batch of 32, ASYNC, 4 x 4',
    flush: 'async',
    quote: 'cost',
    target: 'CPU <= 3 us and <= 1/3',
    measure: (server, seconds) => {
      const flags = ['-mode', 'send', '-conns', '4', '-inflight', '4', '-batch', '32'];
      return raw(server, [...flags, '-body', '1024', '-ser', 'json', ...time(seconds)]);
    },
  },
  {
    name: 'pull-tail',
    title: 'pull of 32 from the tail, 4 x 4',
    flush: 'async',
    quote: 'cost',
    target: 'CPU <= 1.5 us and <= 1/3; rate >= 2 x',
    prepare: fillTail,
    measure: (server, seconds) =>
      raw(server, [...tail, '-mode', 'pull', '-inflight', '4', ...time(seconds)]),
  },
  {
    name: 'alone-async',
    title: 'one at a time, ASYNC',
    flush: 'async',
    quote: 'latency',
    target: 'p50 <= 60 us, p99 <= 200 us',
    measure: (server, seconds) => raw(server, [...alone, ...time(seconds)]),
  },
  {
    name: 'java-sync',
    title: 'official Java client, sync, 16 threads, ASYNC',
    flush: 'async',
    quote: 'cost',
    target: 'rate >= 1.2 x; CPU <= 1/3',
    measure: (server, seconds) => javaClient(server, time(seconds), 'sync:16'),
  },
  {
    name: 'java-async',
    title: 'official Java client, async, window 256, ASYNC',
    flush: 'async',
    quote: 'cost',
    target: 'rate >= 1.2 x; CPU <= 1/3',
    measure: (server, seconds) => javaClient(server, time(seconds), 'async:256'),
  },
  {
    name: 'java-e2e-1000',
    title: 'produce to push-consume, 1,000 a second, ASYNC',
    flush: 'async',
    quote: 'latency',
    target: 'p99 <= 1/2',
    measure: (server, seconds) => javaClient(server, time(seconds), 'e2e:1000'),
  },
  {
    name: 'java-e2e-5000',
    title: 'produce to push-consume, 5,000 a second, ASYNC',
    flush: 'async',
    quote: 'latency',
    target: 'p99 <= 1/2',
    measure: (server, seconds) => javaClient(server, time(seconds), 'e2e:5000'),
  },
  {
    name: 'pop-1',
    title: 'POP one by one with its acknowledgement, 8 consumers, ASYNC',
    flush: 'async',
    quote: 'all',
    target: 'rate and p99 not worse; CPU <= 1/2',
    measure: (server, seconds) => ownClient(server, 'pop.ts', ['--batch', '1', ...times(seconds)]),
  },
  {
    name: 'pop-32',
    title: 'POP of 32 with their acknowledgement, 8 consumers, ASYNC',
    flush: 'async',
    quote: 'all',
    target: 'rate and p99 not worse; CPU <= 1/2',
    measure: (server, seconds) => ownClient(server, 'pop.ts', ['--batch', '32', ...times(seconds)]),
  },
  {
    name: 'pop-32-due',
    title: 'the same, invisible for 2 s: the check points come due meanwhile',
    flush: 'async',
    quote: 'all',
    target: 'rate and p99 not worse; CPU <= 1/2',
    measure: (server, seconds) => {
      const flags = ['--batch', '32', '--invisible', '2000'];
      return ownClient(server, 'pop.ts', [...flags, ...times(seconds)]);
    },
  },
  {
    name: 'sql-filter',
    title: 'SQL92, 1,000 expressions, pulls that look at 800 messages, ASYNC',
    flush: 'async',
    quote: 'all',
    target: 'CPU <= 1/2',
    measure: (server, seconds) => ownClient(server, 'sql-filter.ts', times(seconds)),
  },
  {
    name: 'timer',
    title: 'messages for a time, 5,000 a second: lateness, ASYNC',
    flush: 'async',
    quote: 'all',
    // Or it refuses sends while others wait.
    fresh: { apacheLines: ['brokerFastFailureEnable=false'] },
    target: 'p99 <= 100 ms',
    measure: (server, seconds) => ownClient(server, 'timer.ts', times(seconds)),
  },
  {
    name: 'transaction',
    title: 'transactions, 64 at a time, ASYNC',
    flush: 'async',
    quote: 'all',
    // Apache's broker spins on a processor from its first transaction on.
    fresh: { apacheLines: [] },
    target: 'CPU <= 1/2',
    measure: (server, seconds) => ownClient(server, 'transaction.ts', times(seconds)),
  },
  {
    name: 'alone-sync',
    title: 'one at a time, SYNC',
    flush: 'sync',
    quote: 'latency',
    target: 'p50 <= 1/4',
    measure: (server, seconds) => raw(server, [...alone, ...time(seconds)]),
  },
  {
    name: 'send-sync',
    title: 'pipelined send, SYNC, 4 x 32, JSON headers',
    flush: 'sync',
    quote: 'cost',
    target: 'CPU <= 14 us; rate >= 2 x',
    measure: (server, seconds) => raw(server, [...pipelined, '-ser', 'json', ...time(seconds)]),
  },
];
