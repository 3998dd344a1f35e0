import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dlqTopic, SystemTopic } from '@skylarkmq/message';
import { messagesOf } from '../domains.ts';
import { bodiesOf, GROUP, PopLab, type Taken, TOPIC } from './pop-lab.ts';

test('messages are handed out once, and acknowledged ones never again', async () => {
  const lab = await PopLab.start();
  for (const body of ['a', 'b', 'c']) await lab.send(body, body === 'c' ? 1 : 0);
  const taken = await lab.take(32, 5000);
  assert.deepEqual(bodiesOf(taken).sort(), ['a', 'b', 'c']);
  assert.deepEqual(await lab.take(32, 5000), []);
  for (const one of taken) if (one.body !== 'b') await lab.ack(one);
  await lab.time.advance(4999);
  assert.deepEqual(await lab.take(32, 5000), []);
  await lab.time.advance(60);
  const again = await lab.take(32, 5000);
  assert.deepEqual(bodiesOf(again), ['b']);
  assert.equal(again[0]?.reconsumeTimes, 1);
  for (const one of again) await lab.ack(one);
  for (const one of again) await lab.ack(one);
  await lab.time.advance(60_000);
  assert.deepEqual(await lab.take(32, 5000), []);
  await lab.stop();
});

test('a killed broker knows what is in flight and what is acknowledged', async () => {
  let lab = await PopLab.start(1);
  for (const body of ['a', 'b', 'c', 'd']) await lab.send(body);
  const [a, b] = await lab.take(3, 30_000);
  assert.ok(a !== undefined && b !== undefined);
  await lab.ack(a);
  lab = await lab.killed();
  assert.deepEqual(bodiesOf(await lab.take(32, 5000)), ['d'], 'only what was never handed out');
  await lab.ack(b);
  lab = await lab.killed();
  await lab.time.advance(29_000);
  assert.deepEqual(bodiesOf(await lab.take(32, 60_000)), ['d']);
  await lab.time.advance(1100);
  assert.deepEqual(bodiesOf(await lab.take(32, 60_000)), ['c']);
  await lab.stop();
});

test('what went back before a kill does not go back a second time', async () => {
  let lab = await PopLab.start(1);
  await lab.send('a');
  await lab.take(1, 2000);
  await lab.time.advance(2100);
  lab = await lab.killed();
  await lab.time.advance(5000);
  assert.deepEqual(bodiesOf(await lab.take(32, 60_000)), ['a']);
  await lab.stop();
});

test('a changed time counts, and the receipt before it is still good for an ack', async () => {
  const lab = await PopLab.start(1);
  await lab.send('a');
  await lab.send('b');
  const [a, b] = await lab.take(2, 5000);
  assert.ok(a !== undefined && b !== undefined);
  assert.notEqual(await lab.change(a, 20_000), null);
  const soon = await lab.change(b, 1000);
  assert.ok(soon !== null);
  await lab.time.advance(1100);
  assert.deepEqual(bodiesOf(await lab.take(32, 60_000)), ['b']);
  assert.equal(await lab.change(soon, 1000), null, 'it went back');
  await lab.time.advance(10_000);
  assert.deepEqual(await lab.take(32, 60_000), []);
  await lab.ack(a);
  await lab.time.advance(30_000);
  assert.deepEqual(await lab.take(32, 60_000), []);
  await lab.stop();
});

test('receipts that are altered, foreign or invented are refused', async () => {
  const lab = await PopLab.start(1);
  for (const body of ['a', 'b', 'c']) await lab.send(body);
  const [a, b] = await lab.take(2, 5000);
  assert.ok(a !== undefined && b !== undefined);
  const { handle } = a;
  const altered = [
    { ...a, handle: { ...handle, popTime: handle.popTime + 1 } },
    { ...a, handle: { ...handle, invisibleTime: 9000 } },
    { ...a, handle: { ...handle, reviveQueueId: handle.reviveQueueId + 1 } },
    { ...a, handle: { ...handle, brokerName: 'other' } },
    { ...a, handle: { ...handle, queueOffset: 1 } },
    { ...a, offset: 1 },
    { ...a, offset: 2, handle: { ...handle, queueOffset: 2 } },
  ];
  for (const one of altered) await assert.rejects(lab.ack(one), /receipt is not one of/);
  await assert.rejects(lab.change(altered[0] ?? a, 1), /receipt is not one of/);
  const place = { group: 'Other', topic: TOPIC, queueId: 0, offset: 0, handle };
  await assert.rejects(lab.pop.acker.acknowledge(place), /was never given/);
  await lab.ack(b);
  await lab.time.advance(6000);
  assert.deepEqual(bodiesOf(await lab.take(32, 60_000)).sort(), ['a', 'c']);
  await lab.stop();
});

test('a message that fails too often is a dead letter', async () => {
  const lab = await PopLab.start(1);
  lab.changeGroup({ retryMaxTimes: 2 });
  await lab.send('a');
  for (let attempt = 0; attempt < 3; attempt++) {
    const taken = await lab.take(32, 1000);
    assert.deepEqual(bodiesOf(taken), ['a']);
    assert.equal(taken[0]?.reconsumeTimes, attempt);
    await lab.time.advance(1100);
  }
  assert.deepEqual(await lab.take(32, 1000), []);
  const letters = await messagesOf(lab.domains.store, dlqTopic(GROUP), 0);
  assert.deepEqual(
    letters.map((one) => one.body.toString()),
    ['a'],
  );
  assert.equal(letters[0]?.properties.get('RETRY_TOPIC'), TOPIC);
  await lab.stop();
});

test('a message that was not tried keeps its count', async () => {
  const lab = await PopLab.start(1);
  await lab.send('a');
  const [a] = await lab.take(1, 5000);
  assert.ok(a !== undefined);
  await lab.change(a, 1000, true);
  await lab.time.advance(1100);
  assert.equal((await lab.take(1, 5000))[0]?.reconsumeTimes, 0);
  await lab.stop();
});

test('check points are timer messages in the form of Apache', async () => {
  const lab = await PopLab.start(1);
  await lab.send('a');
  const [a] = await lab.take(1, 15_000);
  assert.ok(a !== undefined);
  await lab.ack(a);
  const [point, ack] = await messagesOf(lab.domains.store, SystemTopic.Timer, 0);
  const now = a.handle.popTime;
  assert.equal(
    point?.body.toString(),
    `{"bm":0,"bn":"broker-a","c":"G","d":[0],"it":15000,"n":1,"pt":${now},"q":0,` +
      `"reviveTime":${now + 15_000},"ro":0,"so":0,"sp":false,"t":"T"}`,
  );
  const due = now + 14_000;
  const deliver = due % 1000 === 0 ? due - 1000 : Math.floor(due / 1000) * 1000;
  assert.deepEqual(
    [...(point?.properties ?? [])],
    [
      ['REAL_TOPIC', 'rmq_sys_REVIVE_LOG_DefaultCluster'],
      ['TIMER_DELIVER_MS', String(now + 14_000)],
      ['UNIQ_KEY', `T@0@0@G@${now}@broker-a@ck`],
      ['TAGS', 'ck'],
      ['TIMER_OUT_MS', String(deliver)],
      ['REAL_QID', '0'],
      ['__CRC32#', point?.properties.get('__CRC32#')],
    ],
  );
  const text = `{"ao":0,"bn":"broker-a","c":"G","pt":${now},"q":0,"so":0,"t":"T"}`;
  assert.equal(ack?.body.toString(), text);
  assert.equal(ack?.properties.get('UNIQ_KEY'), `T@0@0@G@${now}@broker-a@ack`);
  assert.equal(ack?.properties.get('TIMER_DELIVER_MS'), String(now + 15_000));
  await lab.stop();
});

test('timers of check points fire only while something is in flight', async () => {
  const lab = await PopLab.start(1);
  await lab.send('a');
  const [a] = await lab.take(1, 15_000);
  assert.ok(a !== undefined);
  await lab.ack(a);
  await lab.send('b');
  const [b] = await lab.take(1, 15_000);
  assert.ok(b !== undefined);
  const isSettled = await settledIn(lab);
  const point = (taken: Taken): string =>
    `T@0@${taken.offset}@G@${taken.handle.popTime}@broker-a@ck`;
  const ackOf = (taken: Taken): string => point(taken).replace('@ck', '@ack');
  assert.equal(isSettled(point(a)), true);
  assert.equal(isSettled(ackOf(a)), true);
  // The check point of b goes to the revive topic, so what is said of it must follow.
  assert.equal(isSettled(point(b)), false);
  await lab.ack(b);
  const later = await settledIn(lab);
  assert.equal(later(ackOf(b)), false);
  assert.equal(later(ackOf(a)), true);
  await lab.stop();
});

test('after a restart acknowledgements fire: it is not known which check points did', async () => {
  let lab = await PopLab.start(1);
  await lab.send('a');
  const [a] = await lab.take(1, 1500);
  assert.ok(a !== undefined);
  await lab.ack(a);
  const key = `T@0@0@G@${a.handle.popTime}@broker-a`;
  await lab.time.advance(600);
  lab = await lab.killed();
  const isSettled = await settledIn(lab);
  assert.equal(isSettled(`${key}@ck`), true);
  assert.equal(isSettled(`${key}@ack`), false);
  await lab.stop();
});

/** Says of the timers that POP wrote, by their keys, whether they need not be delivered. */
async function settledIn(lab: PopLab): Promise<(uniqueKey: string) => boolean> {
  const timers = await messagesOf(lab.domains.store, SystemTopic.Timer, 0);
  return (uniqueKey) => {
    const message = timers.find(({ properties }) => properties.get('UNIQ_KEY') === uniqueKey);
    assert.ok(message !== undefined, uniqueKey);
    const { properties, body } = message;
    const topic = properties.get('REAL_TOPIC') ?? '';
    assert.equal(lab.pop.isSettled({ topic: 'T', uniqueKey, properties }, body), false);
    return lab.pop.isSettled({ topic, uniqueKey, properties }, body);
  };
}

test('what was given back is not given back again, whichever file a kill left behind', async () => {
  let lab = await PopLab.start(1);
  await lab.send('slow');
  await lab.send('fast');
  const [slow] = await lab.take(1, 20_000);
  await lab.take(1, 1000);
  assert.equal(slow?.body, 'slow');
  await lab.time.advance(11_000);
  lab = await lab.killed();
  assert.deepEqual(bodiesOf(await lab.take(32, 60_000)), ['fast']);
  assert.deepEqual(bodiesOf(await lab.take(32, 60_000)), []);
  await lab.stop();
});

test('what was acknowledged early does not come again when the rest was given back', async () => {
  let lab = await PopLab.start(1);
  await lab.send('first');
  await lab.send('second');
  const [first, second] = await lab.take(2, 20_000);
  assert.ok(first !== undefined && second !== undefined);
  await lab.ack(first);
  // Progress is saved behind the acknowledgement, and again when the rest is done, too.
  await lab.time.advance(7000);
  await lab.send('long');
  await lab.take(1, 60_000);
  await lab.time.advance(12_200);
  await lab.fireTimers();
  await lab.ack(second);
  await lab.time.advance(600);
  await lab.pop.saveProgress();
  lab = await lab.killed();
  await lab.time.advance(30_000);
  await lab.fireTimers();
  assert.deepEqual(bodiesOf(await lab.take(32, 60_000)), []);
  await lab.stop();
});
