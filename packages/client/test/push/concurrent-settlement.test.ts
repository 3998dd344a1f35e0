import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { type CachedMessage, ProcessQueue } from '../../src/consumer/process-queue.ts';
import { exponentialBackoff, type RetryBackoff } from '../../src/consumer/retry-backoff.ts';
import { ConcurrentSettlement } from '../../src/push/concurrent-settlement.ts';
import { storedMessage } from '../fake/queues.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 0 };

class Bench {
  readonly time = new VirtualTime(realScheduler);
  readonly processQueue = new ProcessQueue(queue);
  readonly sent: number[] = [];
  readonly errors: unknown[] = [];
  progress = 0;
  readies = 0;
  fails = false;
  readonly settlement: ConcurrentSettlement;

  constructor(broadcasting = false, backoff?: RetryBackoff) {
    this.processQueue.put([storedMessage(queue, 1), storedMessage(queue, 2)]);
    this.settlement = new ConcurrentSettlement(
      {
        scheduler: this.time,
        logger: silentLogger,
        sendBack: (_entry, level, error) => {
          this.errors.push(error);
          this.sent.push(level);
          return this.fails ? Promise.reject(new Error('down')) : Promise.resolve();
        },
        progressed: () => {
          this.progress++;
        },
        ready: () => {
          this.readies++;
        },
      },
      { broadcasting, backoff },
    );
  }

  take(): CachedMessage {
    const entry = this.processQueue.take(this.time.nowMs());
    assert.ok(entry);
    return entry;
  }
}

test('an ack settles once', async () => {
  const bench = new Bench();
  const entry = bench.take();
  await bench.settlement.ack(entry);
  await bench.settlement.ack(entry);
  await bench.settlement.retry(entry, {});
  assert.deepEqual([bench.progress, bench.processQueue.count, bench.sent], [1, 1, []]);
});

test('the pause of a retry grows, and the error goes along', async () => {
  const bench = new Bench(false, exponentialBackoff(1_000, 60_000, 5));
  const [first, second] = [bench.take(), bench.take()];
  second.reconsumeTimes = 1;
  const error = new Error('no money');
  await bench.settlement.retry(first, { cause: error });
  await bench.settlement.retry(second, {});
  assert.deepEqual(bench.sent, [1, 2]);
  assert.deepEqual(bench.errors, [error, undefined]);
  bench.processQueue.put([storedMessage(queue, 5), storedMessage(queue, 6)]);
  const third = bench.take();
  third.reconsumeTimes = 9;
  await bench.settlement.retry(third, {});
  await bench.settlement.reject(bench.take(), { cause: 'hopeless' });
  assert.deepEqual(bench.sent.slice(2), [5, -1]);
  assert.equal(bench.errors.at(-1), 'hopeless');
});

test('retry and reject hand the message back with their level', async () => {
  const bench = new Bench();
  await bench.settlement.retry(bench.take(), {});
  await bench.settlement.reject(bench.take());
  bench.processQueue.put([storedMessage(queue, 3), storedMessage(queue, 4)]);
  await bench.settlement.retry(bench.take(), { delayLevel: 5 });
  await bench.settlement.retry(bench.take(), { delayMs: 20_000 });
  assert.deepEqual(bench.sent, [0, -1, 5, 4]);
  assert.deepEqual([bench.progress, bench.processQueue.count], [4, 0]);
});

test('two calls at once hand back once', async () => {
  const bench = new Bench();
  const entry = bench.take();
  await Promise.all([bench.settlement.retry(entry, {}), bench.settlement.reject(entry)]);
  assert.deepEqual(bench.sent, [0]);
});

test('a message that cannot be handed back comes again here after five seconds', async () => {
  const bench = new Bench();
  bench.fails = true;
  const entry = bench.take();
  await bench.settlement.retry(entry, {});
  assert.equal(bench.progress, 0);
  await bench.time.advance(4_999);
  assert.equal(bench.readies, 0);
  await bench.time.advance(1);
  assert.equal(bench.readies, 1);
  const again = bench.take();
  assert.equal(again, entry);
  assert.equal(again.reconsumeTimes, 1);
});

test('broadcasting cannot retry: the message is done', async () => {
  const bench = new Bench(true);
  await bench.settlement.retry(bench.take(), {});
  assert.deepEqual([bench.sent, bench.progress], [[], 1]);
});

test('a queue that went to somebody else is left alone', async () => {
  const bench = new Bench();
  const entry = bench.take();
  bench.processQueue.dropped = true;
  await bench.settlement.retry(entry, {});
  assert.deepEqual(bench.sent, []);
});
