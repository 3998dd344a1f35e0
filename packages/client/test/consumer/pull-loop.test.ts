import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { ProcessQueue } from '../../src/consumer/process-queue.ts';
import { PullLoop, type PullLoopDeps, type PullOutcome } from '../../src/consumer/pull-loop.ts';
import { storedMessage } from '../fake/queues.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 0 };

/** A loop whose broker answers from a list and then never. */
class Bench {
  readonly time = new VirtualTime(realScheduler);
  readonly processQueue = new ProcessQueue(queue);
  readonly asked: number[] = [];
  readonly moved: number[] = [];
  readonly skipped: number[] = [];
  readonly answers: (PullOutcome | Error)[] = [];
  fills = 0;
  open = true;
  readonly loop: PullLoop;

  constructor(limits = { countMax: 1_000, bytesMax: 1e9, spanMax: 2_000 }, intervalMs = 0) {
    const deps: PullLoopDeps = {
      clock: this.time,
      scheduler: this.time,
      logger: silentLogger,
      limitsOf: () => limits,
      intervalMs,
      errorPauseMs: 1_000,
      pull: (_queue, offset, signal) => {
        this.asked.push(offset);
        const answer = this.answers.shift();
        if (answer instanceof Error) return Promise.reject(answer);
        if (answer !== undefined) return Promise.resolve(answer);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
        });
      },
      mayPull: () => this.open,
      filled: () => {
        this.fills++;
      },
      skipped: (_queue, next) => this.skipped.push(next),
      moved: (_queue, next) => this.moved.push(next),
    };
    this.loop = new PullLoop(this.processQueue, 10, deps);
  }

  found(...offsets: number[]): PullOutcome {
    const messages = offsets.map((offset) => storedMessage(queue, offset));
    return { status: 'found', messages, nextOffset: (offsets.at(-1) ?? 0) + 1 };
  }
}

test('answers fill the cache and the next pull goes on behind them', async () => {
  const bench = new Bench();
  bench.answers.push(bench.found(10, 11), bench.found(12));
  bench.loop.start();
  await bench.time.advance(0);
  assert.deepEqual(bench.asked, [10, 12, 13]);
  assert.deepEqual([bench.processQueue.count, bench.fills], [3, 2]);
  await bench.loop.stop();
});

test('an error is followed by a pause and another try', async () => {
  const bench = new Bench();
  bench.answers.push(new Error('broken'), new Error('broken'), bench.found(10));
  bench.loop.start();
  await bench.time.advance(999);
  assert.equal(bench.asked.length, 1);
  await bench.time.advance(1_001);
  assert.deepEqual(bench.asked, [10, 10, 10, 11]);
  await bench.loop.stop();
});

test('a full cache stops pulling until enough is settled', async () => {
  const bench = new Bench({ countMax: 2, bytesMax: 1e9, spanMax: 2_000 });
  bench.answers.push(bench.found(10, 11, 12));
  bench.loop.start();
  await bench.time.advance(0);
  assert.deepEqual(bench.asked, [10]);
  const entry = bench.processQueue.take(0);
  assert.ok(entry);
  bench.processQueue.settle(entry);
  await bench.time.advance(0);
  assert.deepEqual(bench.asked, [10, 13]);
  await bench.loop.stop();
});

test('bytes and span are limits too', async () => {
  const heavy = new Bench({ countMax: 1_000, bytesMax: 199, spanMax: 2_000 });
  heavy.answers.push(heavy.found(10, 11));
  const wide = new Bench({ countMax: 1_000, bytesMax: 1e9, spanMax: 20 });
  wide.answers.push(wide.found(10, 31));
  for (const bench of [heavy, wide]) {
    bench.loop.start();
    await bench.time.advance(5_000);
    assert.deepEqual(bench.asked, [10]);
    await bench.loop.stop();
  }
});

test('a paused loop looks every second and can be woken', async () => {
  const bench = new Bench();
  bench.open = false;
  bench.loop.start();
  await bench.time.advance(2_500);
  assert.deepEqual(bench.asked, []);
  bench.open = true;
  bench.loop.wake();
  await bench.time.advance(0);
  assert.deepEqual(bench.asked, [10]);
  await bench.loop.stop();
});

test('a broker that does not hold requests is not hammered', async () => {
  const bench = new Bench();
  for (let i = 0; i < 50; i++) bench.answers.push({ status: 'nothing', nextOffset: 10 });
  bench.loop.start();
  await bench.time.advance(1_000);
  assert.equal(bench.asked.length, 11);
  assert.ok(bench.skipped.every((next) => next === 10));
  await bench.loop.stop();
});

test('an offset that the broker does not have ends the loop', async () => {
  const bench = new Bench();
  bench.answers.push({ status: 'moved', nextOffset: 77 });
  bench.loop.start();
  await bench.time.advance(5_000);
  assert.deepEqual([bench.asked, bench.moved], [[10], [77]]);
  await bench.loop.stop();
});

test('stopping ends a pull that is under way, a pause and a wait for room', async () => {
  const pulling = new Bench();
  const pausing = new Bench({ countMax: 1, bytesMax: 1, spanMax: 1 }, 60_000);
  pausing.answers.push(pausing.found(10));
  const full = new Bench({ countMax: 0, bytesMax: 1, spanMax: 1 });
  full.answers.push(full.found(10));
  for (const bench of [pulling, pausing, full]) {
    bench.loop.start();
    await bench.time.advance(0);
    await bench.loop.stop();
  }
});
