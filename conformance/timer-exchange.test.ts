/**
 * Messages that wait survive a change of the broker on the same store: what Skylark took, Apache
 * 5.5.0 delivers at its time, and the other way round; also what was due during the change. What
 * one recalled, the other does not deliver, and either recalls what the other took.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MqError, Producer, PushConsumer } from '@skylarkmq/client';
import { makeTopic, pause, range, type Target, until } from './sdk/scenario.ts';
import {
  BOTH_ORDERS,
  type BrokerInTurns,
  type BrokerKind,
  brokerInTurns,
  type End,
} from './servers/broker-in-turns.ts';
import { skipWithout } from './servers/toolchain.ts';

/** From soon to long after the change, some in the first half of each second. */
const MESSAGES = 200;
const PER_SECOND = 5;
const STEP_MS = 100;
const FIRST_MS = 1500;
/** In the second half, all of a second may be delivered, which is not over yet. */
const END_WITHIN_MS = 500;
/** Apache may begin with a second before it is over. */
const APACHE_EARLY_MS = 1000;
const PATIENCE_MS = 150_000;
/** What is due so soon before a kill may not be noted as delivered. */
const KILL_LOSS_MS = 5000;

interface Sent {
  readonly dueMs: number;
  readonly handle: string;
}

interface Came {
  readonly body: string;
  readonly atMs: number;
}

async function sendTimers(target: Target, topic: string): Promise<Map<string, Sent>> {
  const sent = new Map<string, Sent>();
  await using producer = new Producer(target);
  const firstMs = Math.ceil((Date.now() + FIRST_MS) / 1000) * 1000;
  const send = async (index: number): Promise<void> => {
    const second = Math.floor(index / PER_SECOND);
    const dueMs = firstMs + second * 1000 + (0.5 + (index % PER_SECOND)) * STEP_MS;
    const message = { topic, body: `timer ${index}`, deliverAt: dueMs };
    const { recallHandle = '' } = await producer.send(message, { timeoutMs: 20_000 });
    sent.set(message.body, { dueMs, handle: recallHandle });
  };
  await Promise.all(range(MESSAGES).map(send));
  return sent;
}

/** Recalls some of the last half; the bodies of those that will not come. */
async function recallSome(
  target: Target,
  topic: string,
  sent: ReadonlyMap<string, Sent>,
  rest: number,
): Promise<string[]> {
  await using producer = new Producer(target);
  const recalled: string[] = [];
  for (const index of range(MESSAGES)) {
    const body = `timer ${index}`;
    const { handle, dueMs } = sent.get(body) ?? { handle: '', dueMs: 0 };
    if (index % 10 !== rest || dueMs - Date.now() < 5000) continue;
    try {
      await producer.recall(topic, handle);
      recalled.push(body);
    } catch (error) {
      assert.fail(`${body}: ${MqError.from(error).message}`);
    }
  }
  return recalled;
}

/** Reads until everything that is wanted came, and a while longer. */
async function readAll(target: Target, topic: string, wanted: readonly string[]): Promise<Came[]> {
  const came: Came[] = [];
  await using consumer = new PushConsumer({
    ...{ ...target, group: `read-${topic}`, subscriptions: topic, consumeFrom: 'first' },
  });
  const stop = new AbortController();
  const running = consumer.run(
    (message) => {
      came.push({ body: message.text(), atMs: message.storeTimestamp });
    },
    { signal: stop.signal },
  );
  try {
    const missing = new Set(wanted);
    const all = (): boolean => {
      for (const { body } of came) missing.delete(body);
      return missing.size === 0;
    };
    await until('all timers', all, PATIENCE_MS).catch((error: unknown) => {
      const some = [...missing].slice(0, 20).join(', ');
      assert.fail(`${MqError.from(error).message}: ${missing.size} did not come: ${some}`);
    });
    await pause(3000);
  } finally {
    stop.abort();
    await running;
  }
  return came;
}

async function change(
  brokers: BrokerInTurns,
  first: BrokerKind,
  second: BrokerKind,
  end: End,
): Promise<void> {
  const options = await brokers.store(`${first}-${end}`, ['recallMessageEnable=true']);
  const { target } = brokers;
  await brokers.begin(first, options);
  const topic = await makeTopic(target, 'Timers');
  const sent = await sendTimers(target, topic);
  const recalled = await recallSome(target, topic, sent, 3);
  // Some are delivered before the change.
  const pauseMs = 2 * FIRST_MS;
  const within = (Date.now() + pauseMs) % 1000;
  await pause(pauseMs + ((END_WITHIN_MS - within + 1000) % 1000));
  const endMs = Date.now();
  await brokers.end(end);
  await brokers.begin(second, options);
  recalled.push(...(await recallSome(target, topic, sent, 7)));
  assert.ok(recalled.length > 0, 'the change took too long');

  const wanted = [...sent.keys()].filter((body) => !recalled.includes(body));
  const came = await readAll(target, topic, wanted);
  await brokers.end('stop');
  const earlyMs = [first, second].includes('apache') ? APACHE_EARLY_MS : 0;
  const times = new Map<string, number>();
  for (const { body, atMs } of came) {
    const dueMs = sent.get(body)?.dueMs ?? 0;
    times.set(body, (times.get(body) ?? 0) + 1);
    assert.ok(!recalled.includes(body), `${body} was recalled and came`);
    assert.ok(atMs >= dueMs - earlyMs, `${body} came ${dueMs - atMs} ms early`);
  }
  const again = [...times].filter(([, count]) => count > 1).map(([body]) => body);
  for (const body of again) {
    const dueMs = sent.get(body)?.dueMs ?? 0;
    const isLate = end === 'kill' && dueMs < endMs && dueMs > endMs - KILL_LOSS_MS;
    assert.ok(isLate, `${body}, due ${dueMs - endMs} ms after the ${end}, came again: ${again}`);
  }
}

// Each part has a name server and stores of its own, and waits most of the time.
suite('timers through a change of the broker', {
  skip: skipWithout('java', 'mvn'),
  concurrency: true,
}, () => {
  for (const end of ['stop', 'kill'] as const) {
    suite(`by a ${end}`, { concurrency: 1 }, () => {
      const brokers = brokerInTurns();
      for (const [first, second] of BOTH_ORDERS) {
        test(`${first} takes them, ${second} delivers, after a ${end}`, () =>
          change(brokers, first, second, end));
      }
    });
  }
});
