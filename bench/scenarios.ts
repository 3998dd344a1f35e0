/** What is measured beside Apache RocketMQ, and the target that issue and design set for it. */
import { type Figures, javaClient, raw } from './measure.ts';
import type { Flush, Server } from './servers.ts';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly flush: Flush;
  /** Whether the row quotes CPU and rate, or latencies. */
  readonly quote: 'cost' | 'latency';
  readonly target: string;
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

const pipelined = ['-mode', 'send', '-conns', '4', '-inflight', '32', '-body', '1024'];
const alone = ['-mode', 'send', '-conns', '1', '-inflight', '1', '-body', '1024', '-ser', 'json'];
const tail = ['-topic', 'TailBench', '-conns', '4', '-ser', 'json', '-body', '1024'];

/** Some 6,000 messages in a topic of their own: what a consumer at the tail reads. */
function fillTail(server: Server): void {
  const flags = ['-mode', 'send', '-batch', '32', '-inflight', '1', '-warm', '0.1', '-dur', '0.2'];
  raw(server, [...tail, ...flags, '-quiet', '0']);
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
