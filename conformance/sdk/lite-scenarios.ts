import assert from 'node:assert/strict';
import {
  Admin,
  DeadLetters,
  LitePushConsumer,
  type LitePushConsumerOptions,
  MqErrorCode,
  Producer,
} from '@skylarkmq/client';
import {
  makeTopic,
  range,
  type Scenario,
  sendAll,
  type Target,
  unique,
  until,
} from './scenario.ts';

/** What Apache's broker needs for lite topics; ours has it. */
export const LITE_SETTINGS: readonly string[] = ['enableLmq=true', 'enableMultiDispatch=true'];

/** Longer than a slow machine takes for a scenario. */
const QUIET_MS = 100_000;

type More = Partial<Omit<LitePushConsumerOptions, 'namesrv' | 'topic'>>;

/** A topic of type LITE, and a group that is bound to it. */
async function makeParent(
  target: Target,
  attributes: Readonly<Record<string, string>> = {},
): Promise<{ readonly topic: string; readonly group: string }> {
  const topic = await makeTopic(target, 'lite', 1, { messageType: 'LITE' });
  const group = unique('lite-group');
  await using admin = new Admin(target);
  await admin.createGroup({ group, liteParent: topic, attributes });
  return { topic, group };
}

/** Messages `<lite topic><number>`. */
function messagesOf(topic: string, liteTopic: string, count: number, first = 0) {
  return range(count).map((index) => ({ topic, liteTopic, body: `${liteTopic}${first + index}` }));
}

/** A consumer that writes down what it gets. */
class Reader implements AsyncDisposable {
  readonly consumer: LitePushConsumer;
  readonly bodies: string[] = [];
  readonly lost: string[] = [];
  /** What a handler waits for. */
  gate: Promise<void> = Promise.resolve();
  readonly #running: Promise<void>;

  constructor(target: Target, options: { topic: string; group: string } & More) {
    const onLiteTopicLost = (liteTopic: string): void => void this.lost.push(liteTopic);
    this.consumer = new LitePushConsumer({ ...target, onLiteTopicLost, ...options });
    this.#running = this.consumer.run(async (message) => {
      assert.equal(message.topic, options.topic);
      this.bodies.push(message.text());
      await this.gate;
      if (message.text().startsWith('bad')) throw new Error('bad it is');
    });
  }

  of(liteTopic: string): string[] {
    return this.bodies.filter((body) => body.startsWith(liteTopic));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.consumer.close();
    await this.#running;
  }
}

function numbered(liteTopic: string, count: number): string[] {
  return range(count).map((index) => `${liteTopic}${index}`);
}

async function comeAndGo(target: Target): Promise<void> {
  const { topic, group } = await makeParent(target);
  await sendAll(target, [
    ...messagesOf(topic, 'a', 40),
    ...messagesOf(topic, 'b', 10),
    ...messagesOf(topic, 'foreign', 1),
  ]);
  await using reader = new Reader(target, { topic, group });
  await reader.consumer.subscribeLite('a');
  await until('all of a', () => reader.of('a').length >= 40);
  await reader.consumer.subscribeLite('b');
  await until('all of b', () => reader.of('b').length >= 10);
  assert.deepEqual(reader.consumer.liteTopics, ['a', 'b']);
  await using producer = new Producer(target);
  await producer.send({ topic, liteTopic: 'a', body: 'a40' });
  await until('one that comes later', () => reader.of('a').length >= 41);
  await reader.consumer.unsubscribeLite('a');
  assert.deepEqual(reader.consumer.liteTopics, ['b']);
  await producer.send({ topic, liteTopic: 'a', body: 'a41' });
  await producer.send({ topic, liteTopic: 'b', body: 'b10' });
  await until('one more of b', () => reader.of('b').length >= 11);
  assert.equal(reader.of('a').length, 41, 'a was left');
  await reader.consumer.subscribeLite('a');
  await until('the rest of a', () => reader.of('a').length >= 42);
  assert.deepEqual(reader.of('a'), numbered('a', 42), 'in order, each once');
  assert.deepEqual(reader.of('b'), numbered('b', 11), 'in order, each once');
  assert.deepEqual(reader.of('foreign'), []);
}

async function beginsWhereAsked(target: Target): Promise<void> {
  const { topic, group } = await makeParent(target);
  await sendAll(target, messagesOf(topic, 'a', 5));
  await sendAll(target, messagesOf(topic, 'b', 5));
  await using reader = new Reader(target, { topic, group });
  await reader.consumer.subscribeLite('a', { from: 'last' });
  await reader.consumer.subscribeLite('b', { from: { offset: 3 } });
  await sendAll(target, messagesOf(topic, 'a', 1, 5));
  await until('what came after', () => reader.bodies.length >= 3);
  assert.deepEqual(reader.bodies.toSorted(), ['a5', 'b3', 'b4']);
}

async function failuresBlock(target: Target): Promise<void> {
  const { topic, group } = await makeParent(target);
  await sendAll(target, [
    { topic, liteTopic: 'bad', body: 'bad' },
    { topic, liteTopic: 'bad', body: 'next' },
    ...messagesOf(topic, 'good', 5),
  ]);
  const retries = { maxReconsumeTimes: 2, orderedRetryMs: 10 };
  await using reader = new Reader(target, { topic, group, ...retries });
  await reader.consumer.subscribeLite('bad');
  await reader.consumer.subscribeLite('good');
  const ofBad = (): string[] => reader.bodies.filter((body) => !body.startsWith('good'));
  await until('all messages', () => ofBad().length >= 4 && reader.of('good').length >= 5);
  await using letters = new DeadLetters({ ...target, group });
  await until('a dead letter', async () => (await letters.count()) >= 1);
  for await (const letter of letters.read()) {
    assert.equal(letter.text(), 'bad');
    assert.equal(letter.originTopic, topic);
    assert.equal(letter.liteTopic, 'bad');
  }
  await sendAll(target, [{ topic, liteTopic: 'bad', body: 'last' }]);
  await until('the last message', () => ofBad().includes('last'));
  const wanted = ['bad', 'bad', 'bad', 'next', 'last'];
  assert.deepEqual(ofBad(), wanted, 'a failure blocks its lite topic, a dead letter is not there');
  assert.deepEqual(reader.of('good'), numbered('good', 5));
}

async function exclusive(target: Target): Promise<void> {
  const { topic, group } = await makeParent(target, { 'lite.sub.model': 'Exclusive' });
  await sendAll(target, messagesOf(topic, 'a', 1));
  // A list of all that is subscribed to, on its way just then, would take it back.
  await using first = new Reader(target, { topic, group, heartbeatMs: QUIET_MS });
  await first.consumer.subscribeLite('a');
  await until('the first message', () => first.bodies.length >= 1);
  await using second = new Reader(target, { topic, group });
  await second.consumer.subscribeLite('a');
  await until('word of the loss', () => first.lost.length >= 1);
  assert.deepEqual(first.lost, ['a']);
  assert.deepEqual(first.consumer.liteTopics, []);
  await sendAll(target, messagesOf(topic, 'a', 3, 1));
  await until('the others', () => second.bodies.length >= 3);
  assert.deepEqual(second.bodies, ['a1', 'a2', 'a3']);
  assert.deepEqual(first.bodies, ['a0']);
}

async function closeGivesBack(target: Target): Promise<void> {
  const { topic, group } = await makeParent(target);
  await sendAll(target, messagesOf(topic, 'a', 8));
  await using second = new Reader(target, { topic, group });
  {
    await using first = new Reader(target, { topic, group, drainTimeoutMs: QUIET_MS });
    let open = (): void => {};
    first.gate = new Promise((resolve) => {
      open = resolve;
    });
    await first.consumer.subscribeLite('a');
    await until('the first message', () => first.bodies.length >= 1);
    const closed = first.consumer.close();
    await second.consumer.subscribeLite('a');
    open();
    await closed;
    assert.deepEqual(first.bodies, ['a0'], 'what is with a handler is finished, no more is begun');
  }
  await until('the others', () => second.bodies.length >= 7);
  assert.deepEqual(second.bodies, numbered('a', 8).slice(1), 'each once, in order');
}

async function refusals(target: Target): Promise<void> {
  const { topic, group } = await makeParent(target);
  const plain = await makeTopic(target, 'plain', 1);
  const illegal = { code: MqErrorCode.InvalidArgument };
  for (const wrong of [
    { topic: plain, group },
    { topic, group: unique('unbound') },
  ]) {
    await using consumer = new LitePushConsumer({ ...target, ...wrong });
    await assert.rejects(consumer.subscribeLite('a'), wrong.topic === plain ? illegal : Error);
  }
  await using consumer = new LitePushConsumer({ ...target, topic, group, liteTopicsMax: 1 });
  await assert.rejects(consumer.subscribeLite('a b'), illegal);
  await consumer.subscribeLite('a');
  await consumer.subscribeLite('a');
  await assert.rejects(consumer.subscribeLite('b'), { code: MqErrorCode.Busy });
  await consumer.unsubscribeLite('a');
  await consumer.subscribeLite('b');
  assert.deepEqual(consumer.liteTopics, ['b']);
}

export const liteScenarios: readonly Scenario[] = [
  { name: 'lite: topics are subscribed to and left as it runs', run: comeAndGo },
  { name: 'lite: a subscription begins where it is told to', run: beginsWhereAsked },
  { name: 'lite: what fails blocks its lite topic alone', run: failuresBlock },
  { name: 'lite: an exclusive lite topic goes to the last subscriber', run: exclusive },
  { name: 'lite: the rest is given back at the end', run: closeGivesBack },
  { name: 'lite: what is not made for it is refused', run: refusals },
];
