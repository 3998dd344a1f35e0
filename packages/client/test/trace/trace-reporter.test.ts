import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred, type Logger, realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import type { OutgoingMessage } from '../../src/producer/outgoing-message.ts';
import { decodeTrace } from '../../src/trace/trace-codec.ts';
import type { TraceRecord } from '../../src/trace/trace-record.ts';
import { TraceReporter } from '../../src/trace/trace-reporter.ts';

const QUEUE_MAX = 2_048;
const SENDS_MAX = 4;

class Bench {
  readonly time = new VirtualTime(realScheduler);
  readonly sent: OutgoingMessage[] = [];
  readonly warnings: string[] = [];
  closed = false;
  failing = false;
  blocked: Promise<void> | undefined;
  readonly reporter: TraceReporter;

  constructor(batchSize = 10) {
    const logger: Logger = { ...silentLogger, warn: (_, text) => this.warnings.push(text) };
    this.reporter = new TraceReporter({
      clock: this.time,
      scheduler: this.time,
      logger,
      options: { topic: 'Traces', batchSize },
      sender: {
        send: async (message) => {
          await this.blocked;
          if (this.failing) throw new Error('no broker');
          this.sent.push(message);
        },
        close: () => {
          this.closed = true;
          return Promise.resolve();
        },
      },
    });
  }

  get ids(): readonly string[] {
    return this.sent.flatMap(({ body }) => decodeTrace(body).map(({ messageId }) => messageId));
  }
}

function recall(id: number): TraceRecord {
  const origin = { timestamp: 1, regionId: 'R', group: 'G' };
  return { type: 'Recall', ...origin, topic: 'T', messageId: `m${id}`, success: true };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => realScheduler.immediate(() => resolve(undefined)));
}

test('a full batch goes at once, the rest after five seconds', async () => {
  const bench = new Bench();
  for (let id = 0; id < 13; id++) bench.reporter.record(recall(id));
  await settled();
  assert.equal(bench.sent.length, 1);
  assert.equal(bench.ids.length, 10);
  assert.deepEqual(
    bench.sent[0]?.keys,
    Array.from({ length: 10 }, (_, id) => `m${id}`),
  );
  await bench.time.advance(4_999);
  assert.equal(bench.sent.length, 1);
  await bench.time.advance(1);
  await settled();
  assert.equal(bench.ids.length, 13);
});

test('it is never in the way: what does not fit is dropped, counted, and said once', async () => {
  const bench = new Bench();
  const gate = deferred<void>();
  bench.blocked = gate.promise;
  const room = QUEUE_MAX + SENDS_MAX * 10;
  for (let id = 0; id < room + 7; id++) bench.reporter.record(recall(id));
  assert.equal(bench.reporter.lost, 7);
  assert.equal(bench.warnings.length, 1);
  gate.resolve();
  await bench.reporter.close();
  assert.equal(bench.ids.length, room);
  assert.ok(bench.closed);
});

test('traces that cannot be sent are lost without an error', async () => {
  const bench = new Bench();
  bench.failing = true;
  for (let id = 0; id < 20; id++) bench.reporter.record(recall(id));
  await bench.reporter.close();
  assert.equal(bench.reporter.lost, 20);
  assert.deepEqual(bench.warnings, ['Traces of messages are lost: they could not be sent']);
  bench.reporter.record(recall(21));
  assert.equal(bench.reporter.lost, 21);
});

test('a trace message holds 128,000 characters and 8,000 of keys at most', async () => {
  const bench = new Bench(20);
  const long = 'x'.repeat(20_000);
  for (let id = 0; id < 20; id++) {
    const record = recall(id);
    assert.ok(record.type === 'Recall');
    bench.reporter.record({ ...record, topic: long });
  }
  await bench.reporter.close();
  assert.equal(bench.ids.length, 20);
  for (const { body } of bench.sent) assert.ok(body.length <= 128_000);

  const keyed = new Bench(20);
  for (let id = 0; id < 20; id++) {
    keyed.reporter.record({
      type: 'SubBefore',
      timestamp: 1,
      regionId: 'R',
      group: 'G',
      requestId: 'r',
      messageId: `m${id}`,
      reconsumeTimes: 0,
      keys: id === 0 ? 'k'.repeat(9_000) : `${id}`.padEnd(900, 'k'),
    });
  }
  await keyed.reporter.close();
  assert.equal(keyed.ids.length, 20);
  for (const { keys } of keyed.sent) assert.ok([...(keys ?? [])].join(' ').length <= 8_000);
});
