import assert from 'node:assert/strict';
import {
  type DeadLetter,
  type DeadLetterResult,
  DeadLetters,
  MqErrorCode,
  Producer,
  PushConsumer,
} from '@skylarkmq/client';
import { makeTopic, range, type Scenario, type Target, unique, until } from './scenario.ts';

/** Sends messages to a group that rejects them all, and waits for its dead letters. */
async function bury(
  target: Target,
  topic: string,
  group: string,
  count: number,
): Promise<readonly string[]> {
  await using consumer = new PushConsumer({
    ...target,
    group,
    subscriptions: topic,
    consumeFrom: 'first',
  });
  const hopeless = { cause: new Error('no money') };
  // One at a time, or the letters would change places.
  const running = consumer.run((message) => message.reject(hopeless), { concurrency: 1 });
  await using producer = new Producer(target);
  const ids: string[] = [];
  for (const index of range(count)) {
    const body = `letter ${index}`;
    const receipt = await producer.send({ topic, body, keys: `k${index}`, tags: 'paid' });
    ids.push(receipt.messageId);
  }
  await using letters = new DeadLetters({ ...target, group });
  await until(`${count} dead letters`, async () => (await letters.count()) >= count);
  await consumer.close();
  await running;
  return ids;
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function outcomes(results: readonly DeadLetterResult[]): readonly string[] {
  return results.map(({ outcome }) => outcome);
}

async function readAndSelect(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'letters', 1);
  const group = unique('letters');
  const beforeMs = Date.now() - 60_000;
  const ids = await bury(target, topic, group, 3);
  await using letters = new DeadLetters({ ...target, group });
  const all = await collect(letters.read());
  assert.deepEqual(
    all.map((letter) => letter.text()),
    ['letter 0', 'letter 1', 'letter 2'],
  );
  const [first] = all;
  assert.ok(first);
  assert.equal(first.originTopic, topic);
  assert.equal(first.messageId, ids[0]);
  assert.ok(first.originMessageId);
  assert.equal(first.attempts, 1);
  if (first.state !== undefined) checkNotes(first, topic, group);
  const bodies = async (selection: Parameters<DeadLetters['read']>[0]): Promise<string> =>
    (await collect(letters.read(selection))).map((letter) => letter.text()).join();
  assert.equal(await bodies({ key: 'k1' }), 'letter 1');
  assert.equal(await bodies({ messageId: ids[2] ?? '' }), 'letter 2');
  assert.equal(await bodies({ fromMs: beforeMs, max: 1 }), 'letter 0');
  assert.equal(await bodies({ toMs: beforeMs }), '');
  assert.equal(await bodies({ originTopic: 'another' }), '');
  const withError = await bodies({ errorText: 'NO MONEY' });
  assert.equal(withError, first.error === undefined ? '' : 'letter 0,letter 1,letter 2');
}

/** What only Skylark's brokers note. */
function checkNotes(letter: DeadLetter, topic: string, group: string): void {
  assert.equal(letter.group, group);
  assert.equal(letter.property('DLQ_GROUP'), group);
  assert.equal(letter.error, 'Error: no money');
  assert.equal(letter.originQueue?.topic, topic);
  assert.equal(letter.originQueue?.queueId, 0);
  assert.equal(letter.originOffset, 0);
  assert.ok(letter.consumer);
  assert.ok((letter.firstFailedMs ?? 0) > 0 && letter.lastFailedMs > 0);
}

async function resendEdited(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'resend', 1);
  const group = unique('resend');
  await bury(target, topic, group, 2);
  await using letters = new DeadLetters({ ...target, group, by: 'tester' });
  const edit = (letter: DeadLetter) =>
    letter.text() === 'letter 1' ? { body: 'mended', properties: { mended: 'yes' } } : {};
  const results = await collect(letters.resend(letters.read(), { edit }));
  assert.deepEqual(outcomes(results), ['resent', 'resent']);
  assert.deepEqual(
    results.map((result) => result.topic),
    [topic, topic],
  );
  const got: string[] = [];
  await using consumer = new PushConsumer({ ...target, group, subscriptions: topic });
  const running = consumer.run((message) => {
    got.push(`${message.text()}/${message.keys.join()}/${message.property('mended')}`);
    assert.ok(message.property('DLQ_RESENT_FROM')?.startsWith(`%DLQ%${group}@`));
  });
  await until('both again', () => got.length === 2);
  await consumer.close();
  await running;
  assert.deepEqual(got.sort(), ['letter 0/k0/undefined', 'mended/k1/yes']);
  const [first] = await collect(letters.read());
  if (first?.state === undefined) return;
  assert.equal(first.status, 'resent');
  assert.equal(first.state.by, 'tester');
  assert.equal(first.state.messageId, results[0]?.messageId);
  const second = await collect(letters.resend(letters.read()));
  assert.deepEqual(outcomes(second), ['skipped', 'skipped']);
  assert.match(second[0]?.reason ?? '', /it is resent by tester at/);
}

async function resendToGroup(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'group', 1);
  const group = unique('group');
  await bury(target, topic, group, 1);
  await using letters = new DeadLetters({ ...target, group });
  const results = await collect(letters.resend(letters.read(), { to: 'retry', perSecond: 100 }));
  assert.deepEqual(outcomes(results), ['resent']);
  assert.equal(results[0]?.topic, `%RETRY%${group}`);
  const got: string[] = [];
  await using consumer = new PushConsumer({ ...target, group, subscriptions: topic });
  const running = consumer.run((message) => {
    got.push(`${message.text()}/${message.topic}/${message.tags}`);
  });
  await until('the letter again', () => got.length === 1);
  await consumer.close();
  await running;
  assert.deepEqual(got, [`letter 0/${topic}/paid`]);
}

async function discardAndReopen(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'discard', 1);
  const group = unique('discard');
  await bury(target, topic, group, 2);
  await using letters = new DeadLetters({ ...target, group, by: 'tester' });
  const [first] = await collect(letters.read({ max: 1 }));
  assert.ok(first);
  if (first.state === undefined) {
    await assert.rejects(collect(letters.discard([first])), { code: MqErrorCode.Unsupported });
    return;
  }
  assert.deepEqual(outcomes(await collect(letters.discard([first]))), ['discarded']);
  assert.deepEqual(outcomes(await collect(letters.discard([first]))), ['skipped']);
  const open = await collect(letters.read({ status: ['open'] }));
  assert.deepEqual(
    open.map((letter) => letter.text()),
    ['letter 1'],
  );
  assert.deepEqual(outcomes(await collect(letters.reopen([first]))), ['reopened']);
  assert.equal((await collect(letters.read({ status: ['open'] }))).length, 2);
}

async function noLetters(target: Target): Promise<void> {
  await using letters = new DeadLetters({ ...target, group: unique('nobody') });
  assert.equal(await letters.count(), 0);
  assert.deepEqual(await collect(letters.read()), []);
}

/** What groups gave up. */
export const deadLetterScenarios: readonly Scenario[] = [
  { name: 'reads dead letters and selects among them', run: readAndSelect },
  { name: 'sends dead letters again, edited', run: resendEdited },
  { name: 'sends a dead letter again to its group alone', run: resendToGroup },
  { name: 'discards dead letters and takes that back', run: discardAndReopen },
  { name: 'finds no dead letters where there are none', run: noLetters },
];
