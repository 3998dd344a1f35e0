import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Admin, Producer, PushConsumer, splitBatch } from '@skylarkmq/client';
import { makeTopic, range, type Scenario, type Target, unique, until } from './scenario.ts';

const MEBIBYTE = 1024 * 1024;

/** Reads everything that is in a topic, as text by message id. */
async function readAll(target: Target, topic: string, count: number): Promise<Map<string, Buffer>> {
  const bodies = new Map<string, Buffer>();
  await using consumer = new PushConsumer({
    ...target,
    group: unique('read'),
    subscriptions: topic,
    consumeFrom: 'first',
  });
  const stop = new AbortController();
  const running = consumer.run(
    (message) => {
      bodies.set(message.messageId, message.body);
    },
    { signal: stop.signal },
  );
  await until(`${count} messages of ${topic}`, () => bodies.size >= count);
  stop.abort();
  await running;
  return bodies;
}

async function sendOne(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'sync');
  await using producer = new Producer(target);
  const receipt = await producer.send({
    topic,
    body: 'héllo, wörld',
    tags: 'paid',
    keys: ['order-1', 'user-2'],
    properties: { colour: 'grün' },
    flag: -7,
  });
  assert.equal(receipt.status, 'ok');
  assert.equal(receipt.queue.topic, topic);
  assert.equal(receipt.queueOffset, 0);
  assert.match(receipt.messageId, /^[0-9A-F]{32}$/);
  assert.match(receipt.offsetMessageId, /^[0-9A-F]{32}$/);
  await using admin = new Admin(target);
  const message = await admin.viewMessage(receipt.offsetMessageId);
  assert.equal(message.text(), 'héllo, wörld');
  assert.equal(message.messageId, receipt.messageId);
  assert.deepEqual(message.queue, receipt.queue);
  assert.equal(message.tags, 'paid');
  assert.deepEqual(message.keys, ['order-1', 'user-2']);
  assert.equal(message.property('colour'), 'grün');
  assert.equal(message.flag, -7);
}

async function sendMany(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'async');
  await using producer = new Producer(target);
  const receipts = await Promise.all(
    range(2_000).map((index) => producer.send({ topic, body: `message ${index}` })),
  );
  const places = new Set(receipts.map((one) => `${one.queue.queueId}:${one.queueOffset}`));
  assert.equal(places.size, 2_000);
  assert.equal(new Set(receipts.map((one) => one.messageId)).size, 2_000);
  assert.equal(new Set(receipts.map((one) => one.queue.queueId)).size, 4);
  const bodies = await readAll(target, topic, 2_000);
  for (const [index, receipt] of receipts.entries()) {
    assert.equal(bodies.get(receipt.messageId)?.toString(), `message ${index}`);
  }
}

async function sendOneway(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'oneway');
  await using producer = new Producer(target);
  for (const index of range(50)) await producer.sendOneway({ topic, body: `m${index}` });
  const bodies = await readAll(target, topic, 50);
  assert.deepEqual(
    [...bodies.values()].map(String).sort(),
    range(50)
      .map((index) => `m${index}`)
      .sort(),
  );
}

async function sendBatch(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'batch');
  await using producer = new Producer(target);
  const messages = range(1_000).map((index) => ({
    topic,
    body: `batch ${index} ${'x'.repeat(1_000)}`,
    keys: `key-${index}`,
    tags: index % 2 === 0 ? 'even' : 'odd',
  }));
  const parts = [...splitBatch(messages, { bytesMax: 300_000 })];
  assert.ok(parts.length > 3);
  let at = 0;
  const ids: string[] = [];
  for (const part of parts) {
    const receipts = await producer.sendBatch(part);
    assert.equal(receipts.length, part.length);
    const [first] = receipts;
    assert.ok(first);
    for (const [index, receipt] of receipts.entries()) {
      assert.equal(receipt.queueOffset, first.queueOffset + index);
      ids.push(receipt.messageId);
    }
    at += part.length;
  }
  assert.equal(at, 1_000);
  const bodies = await readAll(target, topic, 1_000);
  for (const [index, id] of ids.entries()) {
    assert.equal(bodies.get(id)?.toString(), messages[index]?.body);
  }
}

async function gather(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'gather');
  await using producer = new Producer({ ...target, batch: { delayMs: 50, bytesMax: 65_536 } });
  const messages = range(600).map((index) => ({
    ...{ topic, body: `m${index}`, tags: `t${index % 3}`, keys: `k${index}` },
    ...(index % 3 === 0 ? { shardingKey: `s${index % 5}` } : {}),
  }));
  const sends = messages.map((message) => producer.send(message));
  const late = producer.send({ topic, body: 'not in a batch', delayLevel: 1 });
  const receipts = await Promise.all(sends);
  await late;
  const places = new Set(receipts.map((one) => `${one.queue.queueId}:${one.queueOffset}`));
  assert.equal(places.size, 600, 'each has a place of its own');
  const byKey = new Map<string, Set<number>>();
  for (const [index, { shardingKey }] of messages.entries()) {
    const queueId = receipts[index]?.queue.queueId ?? -1;
    if (shardingKey === undefined) continue;
    byKey.set(shardingKey, (byKey.get(shardingKey) ?? new Set()).add(queueId));
  }
  for (const queues of byKey.values()) assert.equal(queues.size, 1, 'one queue for each key');
  await using admin = new Admin(target);
  for (const index of [0, 299, 599]) {
    const receipt = receipts[index];
    assert.ok(receipt !== undefined);
    const stored = await admin.viewMessage(receipt.offsetMessageId);
    assert.equal(stored.text(), `m${index}`);
    assert.equal(stored.messageId, receipt.messageId);
    assert.equal(stored.tags, `t${index % 3}`);
    assert.equal(stored.stored.queueOffset, receipt.queueOffset);
  }
  const bodies = await readAll(target, topic, 601);
  for (const [index, receipt] of receipts.entries()) {
    assert.equal(bodies.get(receipt.messageId)?.toString(), `m${index}`);
  }
  // The end does not wait for the batch to fill.
  const slow = new Producer({ ...target, batch: { delayMs: 30_000 } });
  const last = slow.send({ topic, body: 'last' }, { timeoutMs: 120_000 });
  await slow.queues(topic);
  await slow.close();
  assert.equal((await last).status, 'ok');
}

async function refuse(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'refuse');
  await using producer = new Producer(target);
  const invalid = { code: 'INVALID_ARGUMENT' };
  await assert.rejects(producer.send({ topic, body: '' }), invalid);
  await assert.rejects(producer.send({ topic: 'a b', body: 'x' }), invalid);
  await assert.rejects(producer.send({ topic, body: 'x', properties: { KEYS: 'y' } }), invalid);
  await assert.rejects(producer.send({ topic, body: 'x', delayLevel: 19 }), invalid);
  await assert.rejects(producer.sendBatch([{ topic, body: 'x', delayLevel: 1 }]), invalid);
  await assert.rejects(producer.send({ topic, body: Buffer.alloc(4 * MEBIBYTE + 1) }), invalid);
  await assert.rejects(producer.send({ topic, body: 'x' }, { signal: AbortSignal.abort() }), {
    code: 'ABORTED',
  });
}

async function largeBodies(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'large');
  await using producer = new Producer(target);
  const largest = randomBytes(4 * MEBIBYTE);
  const text = 'the quick brown fox '.repeat(50_000);
  const options = { timeoutMs: 60_000 };
  const first = await producer.send({ topic, body: largest }, options);
  const second = await producer.send({ topic, body: text }, options);
  await using admin = new Admin(target);
  const stored = await admin.viewMessage(second.offsetMessageId);
  assert.equal(stored.stored.sysFlag & 1, 1, 'compressed on the way');
  assert.ok(stored.stored.body.length < text.length / 10);
  const bodies = await readAll(target, topic, 2);
  assert.ok(bodies.get(first.messageId)?.equals(largest));
  assert.equal(bodies.get(second.messageId)?.toString(), text);
}

async function deadNameServer(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'failover');
  await using producer = new Producer({ namesrv: `127.0.0.1:1;${target.namesrv}` });
  const receipt = await producer.send({ topic, body: 'still here' });
  assert.equal(receipt.status, 'ok');
}

async function lookUp(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'query');
  await using producer = new Producer(target);
  await using admin = new Admin(target);
  const key = unique('key');
  const first = await producer.send({ topic, body: 'first', keys: [key, 'other'] });
  const second = await producer.send({ topic, body: 'second', keys: key });
  await producer.send({ topic, body: 'third', keys: 'other' });
  await until('the index', async () => (await admin.queryByKey(topic, key)).length === 2);
  const found = await admin.queryByKey(topic, key);
  assert.deepEqual(found.map((message) => message.text()).sort(), ['first', 'second']);
  const byId = await admin.queryByMessageId(topic, first.messageId);
  assert.deepEqual(
    byId.map((message) => message.text()),
    ['first'],
  );
  assert.deepEqual(byId[0]?.queue, first.queue);
  assert.equal((await admin.viewMessage(second.offsetMessageId)).text(), 'second');
  assert.deepEqual(await admin.queryByKey(topic, 'nobody'), []);
}

/** Sending in all its forms. */
export const sendScenarios: readonly Scenario[] = [
  { name: 'sends a message with tags, keys, properties and flag', run: sendOne },
  { name: 'sends 2,000 messages at a time, over all queues', run: sendMany },
  { name: 'sends one-way', run: sendOneway },
  { name: 'sends batches, split by size', run: sendBatch },
  { name: 'gathers overlapping sends into batches, with a receipt for each', run: gather },
  { name: 'refuses what cannot be sent', run: refuse },
  { name: 'sends and receives 4 MiB, and compressed bodies', run: largeBodies },
  { name: 'goes on when one of two name servers is dead', run: deadNameServer },
  { name: 'finds messages by key and by both ids', run: lookUp },
];
