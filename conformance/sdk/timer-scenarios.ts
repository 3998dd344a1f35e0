/**
 * Messages for a time, and their recall. How late they are is not looked at here, for Apache is
 * exact to a second; too early they must not be. Needs TIMER_SETTINGS.
 */
import assert from 'node:assert/strict';
import {
  MqError,
  MqErrorCode,
  type OutgoingMessage,
  Producer,
  PushConsumer,
  type ReceivedMessage,
} from '@skylarkmq/client';
import { makeTopic, pause, range, type Scenario, type Target, unique, until } from './scenario.ts';

/** Lines of broker.conf. */
export const TIMER_SETTINGS: readonly string[] = ['recallMessageEnable=true'];

const DAY_MS = 24 * 3600 * 1000;
/** Over every limit that a broker has by default. */
const TOO_FAR_MS = 100 * DAY_MS;
const TIMEOUT_MS = 120_000;

/** Reads a topic until so many messages are there, and a while longer. */
async function read(target: Target, topic: string, count: number): Promise<ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  await using consumer = new PushConsumer({
    ...{ ...target, group: unique('read'), subscriptions: topic, consumeFrom: 'first' },
  });
  const stop = new AbortController();
  const running = consumer.run(
    (message) => {
      messages.push(message);
    },
    { signal: stop.signal },
  );
  try {
    await until(`${count} messages`, () => messages.length >= count, TIMEOUT_MS);
    await pause(1500);
  } finally {
    stop.abort();
    await running;
  }
  return messages;
}

async function times(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'timer');
  await using producer = new Producer(target);
  const dueMs = new Map<string, number>();
  const send = async (index: number): Promise<void> => {
    const waitMs = 500 + 137 * index;
    const body = `timer ${index}`;
    const nowMs = Date.now();
    const when = [
      { delayMs: waitMs },
      { deliverAt: nowMs + waitMs },
      { deliverAt: new Date(nowMs + waitMs) },
    ];
    dueMs.set(body, nowMs + waitMs);
    const message = { topic, body, keys: `key-${index}`, tags: 'T', ...when[index % when.length] };
    await producer.send(message);
  };
  await Promise.all(range(30).map(send));
  const messages = await read(target, topic, dueMs.size);
  assert.equal(messages.length, dueMs.size, 'each once');
  for (const message of messages) {
    const body = message.text();
    const earlyMs = (dueMs.get(body) ?? Number.NaN) - message.storeTimestamp;
    assert.ok(earlyMs <= 0, `${body} came ${earlyMs} ms early`);
    assert.equal(message.tags, 'T');
    assert.deepEqual(message.keys, [`key-${body.slice('timer '.length)}`]);
    assert.equal(message.topic, topic);
  }
  assert.deepEqual(new Set(messages.map((message) => message.text())), new Set(dueMs.keys()));
}

async function recalls(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'timer-recall');
  await using producer = new Producer(target);
  const handles: string[] = [];
  for (const index of range(20)) {
    const message = { topic, body: String(index), delayMs: 8000 + 50 * index };
    const receipt = await producer.send(message);
    const handle = receipt.recallHandle ?? '';
    assert.notEqual(handle, '');
    handles.push(handle);
    if (index % 2 === 1) continue;
    assert.equal(await producer.recall(topic, handle), receipt.messageId);
  }
  const messages = await read(target, topic, 10);
  const bodies = messages.map((message) => Number(message.text())).sort((a, b) => a - b);
  assert.deepEqual(
    bodies,
    range(20).filter((index) => index % 2 === 1),
  );
  const late = producer.recall(topic, handles[1] ?? '');
  await assert.rejects(late, { code: MqErrorCode.Response });
  const { recallHandle } = await producer.send({ topic, body: 'at once' });
  assert.equal(recallHandle, undefined);
}

async function limits(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'timer-limits');
  await using producer = new Producer({ ...target, retries: 0 });
  const send = (message: Partial<OutgoingMessage>) =>
    producer.send({ topic, body: 'limits', ...message });
  await assert.rejects(send({ deliverAt: Date.now() + TOO_FAR_MS }), (error: unknown) => {
    const { code, message } = MqError.from(error);
    return code === MqErrorCode.Response && message.includes('delay');
  });
  for (const wrong of [{ delayMs: -1 }, { delayMs: 0.5 }, { deliverAt: new Date(Number.NaN) }]) {
    await assert.rejects(send(wrong), { code: MqErrorCode.InvalidArgument });
  }
  const both = send({ delayMs: 1000, delayLevel: 1 });
  await assert.rejects(both, { code: MqErrorCode.InvalidArgument });
  await send({ deliverAt: Date.now() - DAY_MS, body: 'past' });
  const [message] = await read(target, topic, 1);
  assert.equal(message?.text(), 'past');
}

export const timerScenarios: readonly Scenario[] = [
  { name: 'messages come at their time, not before', run: times },
  { name: 'a message that was recalled does not come', run: recalls },
  { name: 'times that cannot be are refused', run: limits },
];
