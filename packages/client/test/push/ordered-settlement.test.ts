import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { type CachedMessage, ProcessQueue } from '../../src/consumer/process-queue.ts';
import { OrderedSettlement } from '../../src/push/ordered-settlement.ts';
import { storedMessage } from '../fake/queues.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 0 };

class Bench {
  readonly time = new VirtualTime(realScheduler);
  readonly processQueue = new ProcessQueue(queue);
  readonly sent: number[] = [];
  readies = 0;
  fails = false;
  readonly settlement: OrderedSettlement;

  constructor(maxReconsumeTimes = 2) {
    this.processQueue.put([storedMessage(queue, 1), storedMessage(queue, 2)]);
    const deps = {
      scheduler: this.time,
      logger: silentLogger,
      sendBack: (_entry: CachedMessage, level: number): Promise<void> => {
        this.sent.push(level);
        return this.fails ? Promise.reject(new Error('down')) : Promise.resolve();
      },
      progressed: () => {},
      ready: () => {
        this.readies++;
      },
    };
    this.settlement = new OrderedSettlement(deps, { maxReconsumeTimes, suspendMs: 1_000 });
  }

  take(): CachedMessage {
    const entry = this.processQueue.take(this.time.nowMs());
    assert.ok(entry);
    return entry;
  }
}

test('a failed message comes again every second and then goes to the dead letters', async () => {
  const bench = new Bench();
  for (const count of [0, 1]) {
    const entry = bench.take();
    assert.deepEqual([entry.message.queueOffset, entry.reconsumeTimes], [1, count]);
    await bench.settlement.retry(entry, {});
    assert.equal(bench.processQueue.deliveredCount, 1, 'blocks its queue');
    await bench.time.advance(999);
    assert.equal(bench.readies, count);
    await bench.time.advance(1);
    assert.equal(bench.readies, count + 1);
  }
  await bench.settlement.retry(bench.take(), {});
  assert.deepEqual(bench.sent, [-1]);
  assert.equal(bench.take().message.queueOffset, 2);
});

test('the pause can be chosen within its limits', async () => {
  const bench = new Bench(100);
  for (const [delayMs, pauseMs] of [
    [5, 10],
    [2_500, 2_500],
    [99_999, 30_000],
  ] as const) {
    await bench.settlement.retry(bench.take(), { delayMs });
    const before = bench.readies;
    await bench.time.advance(pauseMs - 1);
    assert.equal(bench.readies, before);
    await bench.time.advance(1);
    assert.equal(bench.readies, before + 1);
  }
});

test('dead letters that cannot be reached keep the message in its place', async () => {
  const bench = new Bench();
  bench.fails = true;
  await bench.settlement.reject(bench.take());
  await bench.time.advance(1_000);
  bench.fails = false;
  const again = bench.take();
  assert.equal(again.message.queueOffset, 1);
  await bench.settlement.reject(again);
  assert.deepEqual([bench.sent, bench.processQueue.count], [[-1, -1], 1]);
});

test('an ack during a pause does nothing', async () => {
  const bench = new Bench();
  const entry = bench.take();
  await bench.settlement.retry(entry, {});
  await bench.settlement.ack(entry);
  assert.equal(bench.processQueue.count, 2);
});
