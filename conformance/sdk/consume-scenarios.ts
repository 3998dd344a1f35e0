import assert from 'node:assert/strict';
import { MemoryFileSystem, realClock, realPrng, realScheduler } from '@skylarkmq/base';
import { Producer, PushConsumer, type PushConsumerOptions } from '@skylarkmq/client';
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

/** A consumer that notes what it gets. */
class Recorder {
  readonly consumer: PushConsumer;
  readonly received: string[] = [];
  readonly running: Promise<void>;

  constructor(options: PushConsumerOptions) {
    this.consumer = new PushConsumer(options);
    this.running = this.consumer.run((message) => {
      this.received.push(message.text());
    });
    // The run ends with the consumer; a failure to start shows where it is awaited.
    this.running.catch(() => {});
  }

  async close(): Promise<void> {
    await this.consumer.close();
    await this.running;
  }
}

async function joinAndLeave(target: Target): Promise<void> {
  const least = 20_000;
  const topic = await makeTopic(target, 'members', 8);
  const options = {
    ...target,
    group: unique('members'),
    subscriptions: topic,
    consumeFrom: 'first',
  } as const;
  const members = [new Recorder(options), new Recorder(options)];
  const seen = (): Set<string> => new Set(members.flatMap((member) => member.received));
  await using producer = new Producer(target);
  let sent = 0;
  let joined = false;
  const sending = (async () => {
    // Who joins late on a slow machine finds messages, too.
    while (sent < least || !joined) {
      await Promise.all(
        range(200).map((index) => producer.send({ topic, body: String(sent + index) })),
      );
      sent += 200;
      await pause(40);
    }
  })();
  await until('a quarter of the messages', () => seen().size >= least / 4);
  const third = new Recorder(options);
  members.push(third);
  await until('the third member to get some', () => third.received.length > 0);
  joined = true;
  await members[0]?.close();
  await until('half of the messages', () => seen().size >= least / 2);
  await sending;
  await until('all messages', () => seen().size >= sent);
  await Promise.all(members.map((member) => member.close()));
  const received = seen();
  const missing = range(sent).filter((index) => !received.has(String(index)));
  assert.deepEqual(missing, []);
  assert.ok(members.every((member) => member.received.length > 0));
}

async function resumeAfterClose(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'resume');
  const options = {
    ...target,
    group: unique('resume'),
    subscriptions: topic,
    consumeFrom: 'first',
  } as const;
  await sendAll(
    target,
    range(20).map((index) => ({ topic, body: `a${index}` })),
  );
  const first = new Recorder(options);
  await until('the first part', () => first.received.length >= 20);
  await first.close();
  await sendAll(
    target,
    range(20).map((index) => ({ topic, body: `b${index}` })),
  );
  const second = new Recorder(options);
  await until('the second part', () => second.received.length >= 20);
  await pause(500);
  await second.close();
  assert.ok(
    second.received.every((text) => text.startsWith('b')),
    second.received.join(),
  );
}

async function broadcasting(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'broadcast');
  const group = unique('broadcast');
  const fileSystem = new MemoryFileSystem();
  const ports = { clock: realClock, scheduler: realScheduler, prng: realPrng(), fileSystem };
  const options = (instanceName: string): PushConsumerOptions => ({
    ...target,
    group,
    subscriptions: topic,
    model: 'broadcasting',
    consumeFrom: 'first',
    offsetsDirectory: '/offsets',
    instanceName: `${group}-${instanceName}`,
    ports,
  });
  const members = [new Recorder(options('one')), new Recorder(options('two'))];
  await sendAll(
    target,
    range(40).map((index) => ({ topic, body: `m${index}` })),
  );
  for (const member of members) {
    await until('all messages at every member', () => member.received.length >= 40);
    await member.close();
    assert.equal(new Set(member.received).size, 40);
  }
  await sendAll(target, [{ topic, body: 'later' }]);
  const again = new Recorder(options('one'));
  await until('the message sent meanwhile', () => again.received.includes('later'));
  await again.close();
  assert.deepEqual(again.received, ['later'], 'goes on where it was');
}

async function tags(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'tags');
  // "Aa" and "BB" have one hash code: the broker cannot tell them apart.
  const all = ['Aa', 'BB', 'pay', 'ship', undefined];
  const recorder = new Recorder({
    ...target,
    group: unique('tags'),
    subscriptions: [{ topic, tags: 'Aa || pay' }],
    consumeFrom: 'first',
  });
  await sendAll(
    target,
    range(50).map((index) => {
      const tag = all[index % all.length];
      return { topic, body: `${tag}-${index}`, ...(tag === undefined ? {} : { tags: tag }) };
    }),
  );
  await until('all with the right tags', () => recorder.received.length >= 20);
  await pause(300);
  await recorder.close();
  assert.equal(recorder.received.length, 20);
  assert.ok(recorder.received.every((text) => text.startsWith('Aa') || text.startsWith('pay')));
}

async function iterate(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'iterate');
  await sendAll(
    target,
    range(10).map((index) => ({ topic, body: `m${index}` })),
  );
  const seen: string[] = [];
  await using consumer = new PushConsumer({
    ...target,
    group: unique('iterate'),
    subscriptions: topic,
    consumeFrom: 'first',
  });
  for await (const message of consumer) {
    const isFirst = message.reconsumeTimes === 0;
    if (isFirst && message.text() === 'm3') await message.retry({ delayLevel: 1 });
    else await message.ack();
    assert.equal(message.topic, topic);
    seen.push(`${message.text()}/${message.reconsumeTimes}`);
    if (seen.length === 11) break;
  }
  assert.deepEqual(seen.sort(), [...range(10).map((index) => `m${index}/0`), 'm3/1'].sort());
}

async function delayLevels(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'delay');
  const delays = new Map<string, number>();
  const sentMs = new Map<string, number>();
  await using consumer = new PushConsumer({
    ...target,
    group: unique('delay'),
    subscriptions: topic,
    consumeFrom: 'first',
  });
  const running = consumer.run((message) => {
    // How late the broker was: the consumer may be as late as the machine wants.
    delays.set(message.text(), message.storeTimestamp - Number(message.property('sentAt')));
  });
  await using producer = new Producer(target);
  for (const [body, delayLevel] of [
    ['now', 0],
    ['1s', 1],
    ['5s', 2],
  ] as const) {
    const properties = { sentAt: String(Date.now()) };
    await producer.send({ topic, body, properties, delayLevel });
    sentMs.set(body, Date.now() - Number(properties.sentAt));
  }
  await until('the delayed messages', () => delays.size === 3);
  await consumer.close();
  await running;
  const now = delays.get('now') ?? -1;
  const one = delays.get('1s') ?? -1;
  const five = delays.get('5s') ?? -1;
  assert.ok(now <= (sentMs.get('now') ?? -1), `stored when it was acknowledged, not: ${now} ms`);
  assert.ok(one >= 900, `level 1: ${one} ms`);
  assert.ok(five >= 4_900, `level 2: ${five} ms`);
}

/**
 * Brokers say 0 to a new group as long as the first message of the queue is still in memory: on a
 * young topic it gets everything, wherever it wants to start.
 */
async function youngTopic(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'young', 1);
  await sendAll(
    target,
    range(5).map((index) => ({ topic, body: `m${index}` })),
  );
  const where = ['first', 'last', { timestampMs: Date.now() + 60_000 }] as const;
  const recorders = where.map(
    (consumeFrom) =>
      new Recorder({ ...target, group: unique('young'), subscriptions: topic, consumeFrom }),
  );
  await until('everything', () => recorders.every((one) => one.received.length >= 5));
  await Promise.all(recorders.map((one) => one.close()));
  assert.ok(recorders.every((one) => one.received.length === 5));
}

/** Receiving by push, without order. */
export const consumeScenarios: readonly Scenario[] = [
  { name: 'loses nothing while three members join and leave', run: joinAndLeave },
  { name: 'goes on where it was after a close', run: resumeAfterClose },
  { name: 'gives every broadcasting member everything, and keeps its place', run: broadcasting },
  { name: 'filters by tags, also by those with equal hash codes', run: tags },
  { name: 'gives a new group all of a young topic', run: youngTopic },
  { name: 'iterates with ack and retry', run: iterate },
  { name: 'delivers delayed messages in their time', run: delayLevels },
];
