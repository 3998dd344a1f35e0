import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { deferred } from '@skylarkmq/base';
import { Producer, PushConsumer } from '@skylarkmq/client';
import { startSkylark } from '@skylarkmq/testing';

const HOUR_MS = 60 * 60 * 1000;
/** Of a day in virtual time. */
const CPU_US_MAX = 60_000_000;
/** The 18th of the delay levels. */
const TWO_HOURS = 18;

test('a message with a two-hour delay arrives when two hours were passed', async () => {
  await using skylark = await startSkylark({ port: 0, inMemory: true, virtualTime: true });
  const namesrv = skylark.namesrvAddress;
  await skylark.createTopic('orders');
  await using producer = new Producer({ namesrv });
  await using consumer = new PushConsumer({
    namesrv,
    group: 'billing',
    subscriptions: 'orders',
    consumeFrom: 'first',
  });
  const received: string[] = [];
  const early = deferred();
  const arrived = (async () => {
    for await (const message of consumer) {
      received.push(message.text());
      await message.ack();
      if (message.text() === 'early') early.resolve();
      if (message.text() === 'late') return;
    }
  })();
  await producer.send({ topic: 'orders', body: 'late', delayLevel: TWO_HOURS });
  const sentMs = skylark.time.nowMs();
  await skylark.time.advance(2 * HOUR_MS - 1000);
  assert.deepEqual(received, []);
  // What is sent later arrives earlier: the delayed one is really waiting.
  await producer.send({ topic: 'orders', body: 'early' });
  await early.promise;
  await skylark.time.advance(1000);
  await arrived;
  assert.deepEqual(received, ['early', 'late']);
  assert.equal(skylark.time.nowMs() - sentMs, 2 * HOUR_MS);
});

test('hours pass in a moment, and the clients are still there', async () => {
  await using skylark = await startSkylark({ virtualTime: true });
  const namesrv = skylark.namesrvAddress;
  await using producer = new Producer({ namesrv });
  await producer.send({ topic: 'day', body: 'before' });
  const cpuBefore = process.cpuUsage();
  await skylark.time.advance(24 * HOUR_MS);
  // CPU time, for a machine that has other work may take any time. It is 2 to 4 s.
  const { user } = process.cpuUsage(cpuBefore);
  assert.ok(user < CPU_US_MAX, `${user} µs`);
  const { status } = await producer.send({ topic: 'day', body: 'after' });
  assert.equal(status, 'ok');
});

test('what is in a directory is there at the next start', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'skylark-testing-'));
  try {
    {
      await using skylark = await startSkylark({ directory });
      await using producer = new Producer({ namesrv: skylark.namesrvAddress });
      await producer.send({ topic: 'kept', body: 'still here' });
    }
    await using skylark = await startSkylark({ directory });
    assert.equal(skylark.recovery.clean, true);
    await using consumer = new PushConsumer({
      namesrv: skylark.namesrvAddress,
      group: 'readers',
      subscriptions: 'kept',
      consumeFrom: 'first',
    });
    for await (const message of consumer) {
      assert.equal(message.text(), 'still here');
      await message.ack();
      break;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('several run side by side; a closed one can be closed again', async () => {
  await using first = await startSkylark();
  await using second = await startSkylark();
  assert.notEqual(first.namesrvAddress, second.namesrvAddress);
  assert.notEqual(first.brokerAddress, second.brokerAddress);
  await first.close();
  await first.close();
});

test('options that contradict each other, and time that is real, are refused', async () => {
  const code = 'INVALID_ARGUMENT';
  await assert.rejects(startSkylark({ directory: '/x', inMemory: true }), { code });
  await assert.rejects(startSkylark({ inMemory: false }), { code });
  await using skylark = await startSkylark();
  assert.throws(() => skylark.time, { code, message: /virtualTime: true/ });
});

test('a port in use is an error, and nothing stays open', async () => {
  await using first = await startSkylark();
  const port = Number(first.namesrvAddress.split(':')[1]);
  await assert.rejects(startSkylark({ port }), { code: 'SYSTEM', message: /is in use/ });
});
