/** Consumers of lite topics, where the broker goes away or gives a group everything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred } from '@skylarkmq/base';
import { Admin, DeadLetters, LitePushConsumer, Producer } from '@skylarkmq/client';
import { type Skylark, startSkylark } from '@skylarkmq/testing';

const GROUP = 'readers';

async function prepare(
  skylark: Skylark,
  attributes: Readonly<Record<string, string>> = {},
): Promise<void> {
  await using admin = new Admin({ namesrv: skylark.namesrvAddress });
  await admin.createTopic({ topic: 'chats', queues: 1, messageType: 'LITE' });
  await admin.createGroup({ group: GROUP, liteParent: 'chats', attributes });
}

/** Consumes until the body comes. */
function reading(consumer: LitePushConsumer, wanted: string) {
  const bodies: string[] = [];
  const found = deferred();
  const running = consumer.run((message) => {
    bodies.push(`${message.liteTopic}:${message.text()}`);
    if (message.text() === wanted) found.resolve();
  });
  return { bodies, found: found.promise, running };
}

test('a broker that comes back is told again what is subscribed to', async () => {
  await using skylark = await startSkylark();
  const namesrv = skylark.namesrvAddress;
  await prepare(skylark);
  await using producer = new Producer({ namesrv });
  // An acknowledgement may be lost with the broker: then its lite topic is closed for that long.
  const popInvisibleMs = 10_000;
  const options = { namesrv, group: GROUP, topic: 'chats', popInvisibleMs };
  await using consumer = new LitePushConsumer(options);
  const { bodies, found, running } = reading(consumer, 'after');
  await consumer.subscribeLite('c1');
  await producer.send({ topic: 'chats', liteTopic: 'c1', body: 'before' });
  await skylark.restart();
  await producer.send({ topic: 'chats', liteTopic: 'c1', body: 'after' });
  await found;
  assert.equal(bodies[0], 'c1:before');
  assert.deepEqual(consumer.liteTopics, ['c1']);
  await consumer.close();
  await running;
});

test('a group with a wildcard gets every lite topic, and none by name', async () => {
  await using skylark = await startSkylark();
  const namesrv = skylark.namesrvAddress;
  await prepare(skylark, { 'lite.sub.wildcard': 'true' });
  await using producer = new Producer({ namesrv });
  await using consumer = new LitePushConsumer({ namesrv, group: GROUP, topic: 'chats' });
  const { bodies, found, running } = reading(consumer, 'last');
  await producer.send({ topic: 'chats', liteTopic: 'c1', body: 'first' });
  await assert.rejects(consumer.subscribeLite('c1'), { code: 'RESPONSE', responseCode: 604 });
  await producer.send({ topic: 'chats', liteTopic: 'c2', body: 'last' });
  await found;
  await consumer.close();
  await running;
  assert.deepEqual(bodies.toSorted(), ['c1:first', 'c2:last']);
});

test('a dead letter is sent to its lite topic again', async () => {
  await using skylark = await startSkylark();
  const namesrv = skylark.namesrvAddress;
  await prepare(skylark);
  await using producer = new Producer({ namesrv });
  await using consumer = new LitePushConsumer({ namesrv, group: GROUP, topic: 'chats' });
  await consumer.subscribeLite('c1');
  await producer.send({ topic: 'chats', liteTopic: 'c1', body: 'twice' });
  const taken = consumer.messages();
  const first = await taken.next();
  await first.value?.reject({ cause: new Error('not now') });
  await using letters = new DeadLetters({ namesrv, group: GROUP });
  const outcomes: string[] = [];
  // Stored it is, and seen a moment later.
  while (outcomes.length === 0) {
    for await (const { outcome } of letters.resend(letters.read())) outcomes.push(outcome);
  }
  assert.deepEqual(outcomes, ['resent']);
  const again = await taken.next();
  assert.equal(again.value?.liteTopic, 'c1');
  assert.equal(again.value?.text(), 'twice');
  await again.value?.ack();
  await consumer.close();
});
