import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode, realScheduler, VirtualTime } from '@skylarkmq/base';
import { BatchScan, type MessageQueue } from '@skylarkmq/message';
import { Accumulator } from '../../src/producer/accumulator.ts';
import { type BatchOptions, resolveBatch } from '../../src/producer/batch-options.ts';
import { BodyCompressor } from '../../src/producer/body-compressor.ts';
import { type OutgoingMessage, prepareMessage } from '../../src/producer/outgoing-message.ts';
import { Packer, type Parcel } from '../../src/producer/packer.ts';
import type { SendOptions } from '../../src/producer/send-options.ts';
import type { SendReceipt } from '../../src/producer/send-receipt.ts';

interface Delivered {
  readonly parcel: Parcel;
  readonly options: SendOptions;
  readonly deadlineMs: number;
}

const QUEUE: MessageQueue = { topic: 'T', brokerName: 'a', queueId: 3 };

/** Gathers, and delivers to a list instead of a broker. */
class Lab {
  readonly time = new VirtualTime(realScheduler);
  readonly delivered: Delivered[] = [];
  readonly accumulator: Accumulator;
  failure: MqError | undefined;
  #ids = 0;

  constructor(batch: BatchOptions = {}) {
    const options = resolveBatch(batch);
    assert.ok(options !== undefined);
    const packer = new Packer({
      clock: this.time,
      compressor: new BodyCompressor(4_096, 5, undefined),
      group: 'G',
      bodyBytesMax: 4_194_304,
      prepare: (message) => prepareMessage(message, message.topic, `id-${this.#ids++}`),
    });
    this.accumulator = new Accumulator({
      ...{ scheduler: this.time, options, packer, compressOverBytes: 4_096 },
      queueOf: ({ prepared }, { queue }) =>
        queue ?? (prepared.shardingKey === undefined ? undefined : QUEUE),
      deliver: (parcel, how, deadlineMs) => this.#deliver(parcel, how, deadlineMs),
    });
  }

  send(body: string, more: Partial<OutgoingMessage> = {}, options: SendOptions = {}) {
    return this.accumulator.send({ topic: 'T', body, ...more }, options, 3_000);
  }

  /** Messages in each delivery. */
  get sizes(): readonly number[] {
    return this.delivered.map(({ parcel }) => parcel.messages.length);
  }

  #deliver(parcel: Parcel, options: SendOptions, deadlineMs: number) {
    this.delivered.push({ parcel, options, deadlineMs });
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const { messageIds } = parcel.arguments;
    return Promise.resolve(messageIds.map((id, index) => receipt(id, index)));
  }
}

function receipt(messageId: string, queueOffset: number): SendReceipt {
  return {
    ...{ status: 'ok', messageId, queueOffset, offsetMessageId: '', queue: QUEUE },
    ...{ transactionId: undefined, regionId: '', traceOn: false },
  };
}

test('sends wait for each other a while, then go together; each has its own receipt', async () => {
  const lab = new Lab();
  const sends = ['one', 'two', 'three'].map((body) => lab.send(body));
  await lab.time.advance(9);
  assert.deepEqual(lab.sizes, []);
  await lab.time.advance(1);
  const receipts = await Promise.all(sends);
  assert.deepEqual(lab.sizes, [3]);
  assert.deepEqual(
    receipts.map(({ messageId, queueOffset }) => [messageId, queueOffset]),
    [
      ['id-0', 0],
      ['id-1', 1],
      ['id-2', 2],
    ],
  );
  const [{ parcel, deadlineMs } = assert.fail()] = lab.delivered;
  assert.equal(deadlineMs, 3_000);
  assert.ok(parcel.arguments.batch);
  const scan = new BatchScan();
  const { body } = parcel.arguments;
  scan.reset(body, 0, body.length);
  const bodies: string[] = [];
  while (scan.next()) bodies.push(body.toString('utf8', scan.bodyStart, scan.bodyEnd));
  assert.deepEqual(bodies, ['one', 'two', 'three']);
});

test('a batch goes as soon as it is full, by count or by bytes', async () => {
  const byCount = new Lab({ messagesMax: 2 });
  await Promise.all([byCount.send('1'), byCount.send('2')]);
  assert.deepEqual(byCount.sizes, [2]);
  const byBytes = new Lab({ bytesMax: 400 });
  const sends = [1, 2, 3].map(() => byBytes.send('x'.repeat(100)));
  await byBytes.time.advance(0);
  assert.deepEqual(byBytes.sizes, [2], 'a third would not have had room');
  await byBytes.time.advance(10);
  await Promise.all(sends);
  assert.deepEqual(byBytes.sizes, [2, 1]);
  assert.equal(byBytes.delivered[1]?.parcel.arguments.batch, false, 'one alone is no batch');
});

test('only messages of one topic, queue, wait and time go together', async () => {
  const lab = new Lab();
  const sends = [
    lab.send('any'),
    lab.send('any'),
    lab.send('by key', { shardingKey: 'k' }),
    lab.send('by another key of that queue', { shardingKey: 'l' }),
    lab.send('by name', {}, { queue: QUEUE }),
    lab.send('not waiting', { waitForStore: false }),
    lab.send('other topic', { topic: 'U' }),
    lab.send('soon', {}, { timeoutMs: 8 }),
  ];
  await lab.time.advance(4);
  assert.deepEqual(lab.sizes, [1], 'half of a short time is left for the way');
  await lab.time.advance(6);
  await Promise.all(sends);
  assert.deepEqual(lab.sizes, [1, 2, 3, 1, 1]);
  assert.deepEqual(lab.delivered[2]?.options, { queue: QUEUE });
});

test('what is late, placed or large goes by itself', () => {
  const { accumulator } = new Lab({ bytesMax: 5_000 });
  const base = { topic: 'T', body: 'x' };
  assert.ok(accumulator.takes(base));
  assert.ok(accumulator.takes({ ...base, delayLevel: 0 }));
  for (const more of [
    { delayLevel: 1 },
    { delayMs: 1 },
    { deliverAt: 1 },
    { priority: 0 },
    { liteTopic: 'l' },
    { body: 'x'.repeat(4_096) },
    { body: Buffer.alloc(4_096) },
  ]) {
    assert.equal(accumulator.takes({ ...base, ...more }), false, Object.keys(more)[0]);
  }
  const small = new Lab({ bytesMax: 10 });
  assert.equal(small.accumulator.takes({ ...base, body: '0123456789' }), false);
  assert.equal(new Lab({ messagesMax: 1 }).accumulator.takes(base), false);
});

test('the error of a batch is that of each message; a bad message is refused alone', async () => {
  const lab = new Lab();
  lab.failure = new MqError(MqErrorCode.Connect, 'down');
  const sends = [lab.send('1'), lab.send('2')];
  const outcomes = Promise.allSettled(sends);
  await assert.rejects(lab.send(''), { code: 'INVALID_ARGUMENT' });
  await lab.time.advance(10);
  for (const outcome of await outcomes) assert.equal(outcome.status, 'rejected');
  assert.deepEqual(lab.sizes, [2]);
});

test('who aborts while waiting is not sent; afterwards only the wait ends', async () => {
  const lab = new Lab();
  const early = new AbortController();
  const kept = lab.send('kept');
  const dropped = lab.send('dropped', {}, { signal: early.signal });
  const refused = assert.rejects(dropped, { code: 'ABORTED' });
  await lab.time.advance(1);
  early.abort();
  await refused;
  await assert.rejects(lab.send('x', {}, { signal: early.signal }), { code: 'ABORTED' });
  await lab.time.advance(9);
  assert.equal((await kept).messageId, 'id-0');
  assert.deepEqual(lab.sizes, [1]);
});

test('flush sends what waits now, of one topic or of all; closed, nobody waits', async () => {
  const lab = new Lab();
  const first = lab.send('1');
  const other = lab.send('2', { topic: 'U' });
  await lab.time.advance(0);
  await lab.accumulator.flush('T');
  await first;
  assert.deepEqual(lab.sizes, [1]);
  await lab.accumulator.flush();
  await other;
  const last = lab.send('3');
  await lab.time.advance(0);
  lab.accumulator.close();
  await last;
  assert.equal(lab.accumulator.takes({ topic: 'T', body: 'x' }), false);
  await lab.send('came in before the end');
  assert.deepEqual(lab.sizes, [1, 1, 1, 1]);
});

test('options of batches are checked', () => {
  assert.equal(resolveBatch(undefined), undefined);
  assert.equal(resolveBatch(false), undefined);
  assert.deepEqual(resolveBatch(true), { delayMs: 10, bytesMax: 32_768, messagesMax: 1_024 });
  for (const wrong of [{ delayMs: 0 }, { bytesMax: 2_097_153 }, { messagesMax: 1.5 }]) {
    const [name = ''] = Object.keys(wrong);
    assert.throws(() => resolveBatch(wrong), {
      code: 'INVALID_ARGUMENT',
      message: new RegExp(`batch.${name}`),
    });
  }
});
