import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Producer, PushConsumer } from '@skylarkmq/client';
import { startSkylark } from '@skylarkmq/testing';

const PATIENCE_MS = 120_000;

test('a dropped send is tried again, and the drop is counted', async () => {
  await using skylark = await startSkylark();
  await using producer = new Producer({
    namesrv: skylark.namesrvAddress,
    attemptTimeoutMs: 2_000,
    retries: 5,
    sendTimeoutMs: PATIENCE_MS,
  });
  const drop = skylark.faults.drop({ topic: 'orders', times: 1 });
  const { status } = await producer.send({ topic: 'orders', body: 'one' });
  assert.equal(status, 'ok');
  assert.deepEqual([drop.hits, drop.active], [1, false]);
  await skylark.expectMessage('orders', { body: 'one' });
});

test('faults are for the requests that they name', async () => {
  await using skylark = await startSkylark();
  const namesrv = skylark.namesrvAddress;
  await using producer = new Producer({ namesrv, group: 'shop', retries: 0 });
  const topic = skylark.faults.refuse(1, { topic: 'other' });
  const group = skylark.faults.refuse(1, { group: 'other' });
  const request = skylark.faults.refuse(1, { request: 'transaction' });
  await producer.send({ topic: 'orders', body: 'one' });
  assert.deepEqual([topic.seen, group.seen, request.seen], [0, 0, 0]);
  const own = skylark.faults.refuse(1, { topic: 'orders', group: 'shop', request: 'send' });
  await assert.rejects(producer.send({ topic: 'orders', body: 'two' }), { code: 'RESPONSE' });
  own.remove();
  own.remove();
  await producer.send({ topic: 'orders', body: 'three' });
  assert.equal(own.hits, 1);
});

test('a refusal carries its code and remark', async () => {
  await using skylark = await startSkylark();
  await using producer = new Producer({ namesrv: skylark.namesrvAddress, retries: 0 });
  using refusal = skylark.faults.refuse(14, { request: 'send', remark: 'the disk is full' });
  const sent = producer.send({ topic: 'orders', body: 'one' });
  await assert.rejects(sent, { responseCode: 14, message: /the disk is full/ });
  assert.equal(refusal.hits, 1);
});

test('a duplicated send is there twice, with one message id', async () => {
  await using skylark = await startSkylark();
  await using producer = new Producer({ namesrv: skylark.namesrvAddress });
  const duplicate = skylark.faults.duplicate({ topic: 'orders', times: 1 });
  const { messageId } = await producer.send({ topic: 'orders', body: 'one' });
  await producer.send({ topic: 'orders', body: 'two' });
  await duplicate.happened();
  const messages = await skylark.messages('orders');
  const bodies = messages.map((message) => message.text());
  assert.deepEqual(bodies, ['one', 'one', 'two']);
  assert.deepEqual(
    messages.slice(0, 2).map((message) => message.messageId),
    [messageId, messageId],
  );
});

test('a delayed request waits for virtual time', async () => {
  await using skylark = await startSkylark({ virtualTime: true });
  await skylark.createTopic('orders');
  await using producer = new Producer({
    namesrv: skylark.namesrvAddress,
    sendTimeoutMs: PATIENCE_MS,
  });
  await producer.send({ topic: 'orders', body: 'before' });
  const delay = skylark.faults.delay(60_000, { request: 'send' });
  const sent = producer.send({ topic: 'orders', body: 'late' });
  await delay.happened();
  await skylark.time.advance(59_000);
  await skylark.expectNoMessage('orders', { body: 'late' }, { within: 0 });
  await skylark.time.advance(1_000);
  await sent;
  await skylark.expectMessage('orders', { body: 'late' });
});

test('a crash after the append: the message is kept, and the broker is back', async () => {
  await using skylark = await startSkylark();
  await using producer = new Producer({
    namesrv: skylark.namesrvAddress,
    sendTimeoutMs: PATIENCE_MS,
    retries: 20,
  });
  await producer.send({ topic: 'orders', body: 'before' });
  const crash = skylark.faults.crashAfterAppend({ topic: 'orders' });
  const { messageId } = await producer.send({ topic: 'orders', body: 'paid' });
  await crash.restarted;
  assert.equal(skylark.recovery.clean, false);
  const paid = (await skylark.messages('orders')).filter((one) => one.text() === 'paid');
  assert.ok(paid.length >= 2, 'stored before the crash and again after it');
  assert.ok(paid.every((message) => message.messageId === messageId));
});

test('what a killed broker acknowledged is there after the restart', async () => {
  await using skylark = await startSkylark();
  const namesrv = skylark.namesrvAddress;
  await using producer = new Producer({ namesrv });
  for (let index = 0; index < 50; index++) await producer.send({ topic: 'kept', body: `${index}` });
  const address = skylark.brokerAddress;
  await skylark.restart({ kill: true });
  assert.equal(skylark.recovery.clean, false);
  assert.equal(skylark.brokerAddress, address);
  assert.equal((await skylark.messages('kept')).length, 50);
  await skylark.restart();
  assert.equal(skylark.recovery.clean, true);
  await using consumer = new PushConsumer({
    ...{ namesrv, group: 'readers', subscriptions: 'kept', consumeFrom: 'first' },
  });
  let received = 0;
  for await (const message of consumer) {
    await message.ack();
    if (++received === 50) break;
  }
});

test('a partition cuts everybody off until it is removed', async () => {
  await using skylark = await startSkylark();
  const namesrv = skylark.namesrvAddress;
  await using producer = new Producer({ namesrv, retries: 0 });
  await producer.send({ topic: 'orders', body: 'before' });
  const partition = skylark.faults.partition();
  const cut = { code: 'CONNECTION_CLOSED' };
  await assert.rejects(producer.send({ topic: 'orders', body: 'lost' }), cut);
  await assert.rejects(producer.send({ topic: 'orders', body: 'lost too' }), cut);
  assert.ok(partition.hits >= 1);
  partition.remove();
  await producer.send({ topic: 'orders', body: 'after' });
  const bodies = (await skylark.messages('orders')).map((message) => message.text());
  assert.deepEqual(bodies, ['before', 'after']);
});

test('chance is repeatable by its seed', async () => {
  const lost = async (seed: number): Promise<string> => {
    await using skylark = await startSkylark({ seed });
    await using producer = new Producer({ namesrv: skylark.namesrvAddress, retries: 0 });
    await producer.send({ topic: 'orders', body: 'first' });
    const refusal = skylark.faults.refuse(1, { request: 'send', probability: 0.5 });
    let outcome = '';
    for (let index = 0; index < 30; index++) {
      const sent = producer.send({ topic: 'orders', body: `${index}` });
      outcome += await sent.then(
        () => '+',
        () => '-',
      );
    }
    assert.equal(refusal.seen, 30);
    assert.equal(refusal.hits, outcome.split('-').length - 1);
    return outcome;
  };
  const first = await lost(7);
  assert.match(first, /\+.*-|-.*\+/);
  assert.equal(await lost(7), first);
});

test('faults compose in order, clear switches them off, happened says when', async () => {
  await using skylark = await startSkylark();
  await using producer = new Producer({ namesrv: skylark.namesrvAddress, retries: 0 });
  await producer.send({ topic: 'orders', body: 'first' });
  const delay = skylark.faults.delay(1, { request: 'send' });
  const refusal = skylark.faults.refuse(1, { request: 'send' });
  await assert.rejects(producer.send({ topic: 'orders', body: 'second' }));
  await Promise.all([delay.happened(), refusal.happened()]);
  const never = refusal.happened(5);
  skylark.faults.clear();
  await assert.rejects(never, { code: 'CLOSED', message: /happened 1 times, not 5/ });
  await assert.rejects(refusal.happened(5), { code: 'CLOSED' });
  await producer.send({ topic: 'orders', body: 'third' });
});

test('faults that cannot be are refused', { timeout: PATIENCE_MS }, async () => {
  await using skylark = await startSkylark();
  const { faults } = skylark;
  const code = 'INVALID_ARGUMENT';
  assert.throws(() => faults.drop({ times: 0 }), { code });
  assert.throws(() => faults.drop({ probability: 2 }), { code });
  assert.throws(() => faults.drop({ request: 'send', code: 10 }), { code });
  assert.throws(() => faults.delay(-1), { code });
  assert.throws(() => faults.refuse(0), { code });
});
