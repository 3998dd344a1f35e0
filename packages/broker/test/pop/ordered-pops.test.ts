import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodiesOf, PopLab, type Taken } from './pop-lab.ts';

const ORDER = { isOrder: true, queueId: 0 };

function take(lab: PopLab, count: number, attemptId = ''): Promise<Taken[]> {
  return lab.take(count, 5000, { ...ORDER, attemptId });
}

test('a queue is closed until what is out is acknowledged', async () => {
  const lab = await PopLab.start(1);
  for (const body of ['1', '2', '3', '4']) await lab.send(body);
  const first = await take(lab, 2, 'try-1');
  assert.deepEqual(bodiesOf(first), ['1', '2']);
  assert.deepEqual(bodiesOf(await take(lab, 2, 'try-1')), ['1', '2'], 'the same attempt');
  assert.deepEqual(await take(lab, 2, 'try-2'), []);
  const [one, two] = first;
  assert.ok(one !== undefined && two !== undefined);
  await lab.ack(two);
  assert.deepEqual(await take(lab, 2), []);
  await lab.ack(one);
  assert.deepEqual(bodiesOf(await take(lab, 2)), ['3', '4']);
  await lab.stop();
});

test('what was not acknowledged in time comes again, in order and without the rest', async () => {
  const lab = await PopLab.start(1);
  for (const body of ['1', '2', '3']) await lab.send(body);
  const [, two] = await take(lab, 2);
  assert.ok(two !== undefined);
  await lab.ack(two);
  await lab.time.advance(5001);
  assert.deepEqual(bodiesOf(await take(lab, 2)), ['1', '3']);
  await lab.stop();
});

test('a changed time closes the queue for that long', async () => {
  const lab = await PopLab.start(1);
  await lab.send('1');
  const [one] = await take(lab, 1);
  assert.ok(one !== undefined);
  await lab.change(one, 20_000);
  await lab.time.advance(19_000);
  assert.deepEqual(await take(lab, 1), []);
  await lab.time.advance(1001);
  assert.deepEqual(bodiesOf(await take(lab, 1)), ['1']);
  await lab.stop();
});

test('a killed broker knows what is out, and keeps what was acknowledged', async () => {
  let lab = await PopLab.start(1);
  for (const body of ['1', '2', '3']) await lab.send(body);
  const [one, two] = await take(lab, 2);
  assert.ok(one !== undefined && two !== undefined);
  await lab.ack(one);
  lab = await lab.killed();
  assert.deepEqual(await take(lab, 2), []);
  await lab.ack(two);
  lab = await lab.killed();
  assert.deepEqual(bodiesOf(await take(lab, 2)), ['3']);
  lab = await lab.restarted();
  assert.deepEqual(await take(lab, 2), []);
  await lab.time.advance(5001);
  assert.deepEqual(bodiesOf(await take(lab, 2)), ['3']);
  await lab.stop();
});
