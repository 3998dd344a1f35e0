import assert from 'node:assert/strict';
import { Producer, PullConsumer, type ReceivedMessage } from '@skylarkmq/client';
import {
  makeTopic,
  pause,
  range,
  type Scenario,
  sendAll,
  type Target,
  unique,
  until,
} from './scenario.ts';

/** Polls until `count` messages are there. */
async function drain(consumer: PullConsumer, count: number): Promise<ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  await until(`${count} messages`, async () => {
    messages.push(...(await consumer.poll({ timeoutMs: 200 })));
    return messages.length >= count;
  });
  return messages;
}

async function assignAndSeek(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'pull', 2);
  await using producer = new Producer(target);
  const [queue] = await producer.queues(topic);
  assert.ok(queue);
  for (const index of range(20)) await producer.send({ topic, body: `m${index}` }, { queue });
  await using consumer = new PullConsumer({
    ...target,
    group: unique('pull'),
    consumeFrom: 'first',
    autoCommit: false,
  });
  await consumer.assign([queue]);
  const first = await drain(consumer, 20);
  assert.deepEqual(
    first.map((message) => message.text()),
    range(20).map((index) => `m${index}`),
  );
  assert.deepEqual(
    first.map((message) => message.queueOffset),
    range(20),
  );
  assert.equal(await consumer.position(queue), 20);
  await consumer.seek(queue, 15);
  assert.deepEqual(
    (await drain(consumer, 5)).map((message) => message.queueOffset),
    [15, 16, 17, 18, 19],
  );
  await consumer.seekToBeginning(queue);
  const [again] = await drain(consumer, 1);
  assert.equal(again?.queueOffset, 0);
  await consumer.seekToEnd(queue);
  await producer.send({ topic, body: 'new' }, { queue });
  const [fresh] = await drain(consumer, 1);
  assert.equal(fresh?.text(), 'new');
  await assert.rejects(consumer.seek(queue, 99), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(consumer.seek({ ...queue, queueId: 77 }, 0), { code: 'INVALID_ARGUMENT' });
}

async function commitAndResume(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'commit', 1);
  const group = unique('commit');
  await sendAll(
    target,
    range(10).map((index) => ({ topic, body: `m${index}` })),
  );
  const options = { ...target, group, consumeFrom: 'first', autoCommit: false } as const;
  const first = new PullConsumer(options);
  const queues = await first.queues(topic);
  const [queue] = queues;
  assert.ok(queue);
  await first.assign(queues);
  await drain(first, 10);
  await first.commit([{ queue, offset: 4 }]);
  assert.equal(await first.committed(queue), 4);
  await first.close();
  await using second = new PullConsumer(options);
  await second.assign(queues);
  const rest = await drain(second, 6);
  assert.deepEqual(
    rest.map((message) => message.queueOffset),
    [4, 5, 6, 7, 8, 9],
  );
  await second.commit();
  assert.equal(await second.committed(queue), 10);
}

async function byTime(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'time', 1);
  await sendAll(
    target,
    range(5).map((index) => ({ topic, body: `old${index}` })),
  );
  await pause(1_200);
  const middle = Date.now();
  await sendAll(
    target,
    range(5).map((index) => ({ topic, body: `new${index}` })),
  );
  await using consumer = new PullConsumer({ ...target, group: unique('time') });
  // The brokers' search has whole consume queues to look at: give the index a moment.
  await until('the offset of the time', async () => {
    const [found] = await consumer.offsetsForTime(topic, middle);
    return found?.offset === 5;
  });
  const [found] = await consumer.offsetsForTime(topic, middle);
  assert.ok(found);
  await consumer.assign([found.queue]);
  await consumer.seek(found.queue, found.offset);
  const messages = await drain(consumer, 5);
  assert.deepEqual(
    messages.map((message) => message.text()),
    range(5).map((index) => `new${index}`),
  );
}

async function subscribe(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'lite');
  const group = unique('lite');
  await sendAll(
    target,
    range(40).map((index) => ({
      topic,
      body: `m${index}`,
      tags: index % 2 === 0 ? 'even' : 'odd',
    })),
  );
  const subscriptions = [{ topic, tags: 'even' }];
  const options = { ...target, group, subscriptions, consumeFrom: 'first' } as const;
  const first = new PullConsumer(options);
  const messages = await drain(first, 20);
  assert.ok(messages.every((message) => message.tags === 'even'));
  assert.equal((await first.assignment()).length >= 4, true);
  await first.close();
  await sendAll(target, [{ topic, body: 'later', tags: 'even' }]);
  await using second = new PullConsumer(options);
  const later = await drain(second, 1);
  assert.deepEqual(
    later.map((message) => message.text()),
    ['later'],
    'auto commit kept the place',
  );
}

async function pauseAndIterate(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'paused', 2);
  await using producer = new Producer(target);
  const queues = await producer.queues(topic);
  const [one, two] = queues;
  assert.ok(one && two);
  await producer.send({ topic, body: 'one' }, { queue: one });
  await producer.send({ topic, body: 'two' }, { queue: two });
  await using consumer = new PullConsumer({
    ...target,
    group: unique('paused'),
    consumeFrom: 'first',
  });
  await consumer.pause([one]);
  await consumer.assign(queues);
  const seen: string[] = [];
  for await (const message of consumer) {
    seen.push(message.text());
    if (message.text() === 'one') break;
    assert.deepEqual(await consumer.poll({ timeoutMs: 300 }), []);
    await consumer.resume([one]);
  }
  assert.deepEqual(seen, ['two', 'one']);
}

/** Receiving by poll. */
export const pullScenarios: readonly Scenario[] = [
  { name: 'assigns, polls and seeks', run: assignAndSeek },
  { name: 'commits and goes on from there', run: commitAndResume },
  { name: 'finds offsets by time', run: byTime },
  { name: 'shares topics by subscription, with tags and auto commit', run: subscribe },
  { name: 'pauses queues, resumes them, and iterates', run: pauseAndIterate },
];
