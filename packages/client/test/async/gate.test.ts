import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, VirtualTime } from '@skylarkmq/base';
import { abortable } from '../../src/async/abortable.ts';
import { Gate } from '../../src/async/gate.ts';
import { pause } from '../../src/async/pause.ts';

test('a gate lets so many in, the others in order', async () => {
  const gate = new Gate(2, new VirtualTime(realScheduler));
  const entered: string[] = [];
  assert.ok(gate.tryEnter());
  assert.ok(gate.tryEnter());
  assert.equal(gate.tryEnter(), false);
  const first = gate.enter(1_000).then(() => entered.push('first'));
  const second = gate.enter(1_000).then(() => entered.push('second'));
  gate.leave();
  await first;
  assert.equal(gate.tryEnter(), false, 'nobody overtakes those who wait');
  gate.leave();
  await second;
  assert.deepEqual(entered, ['first', 'second']);
  assert.equal(gate.inside, 2);
});

test('who waits gives up in time, or when aborted', async () => {
  const time = new VirtualTime(realScheduler);
  const gate = new Gate(1, time);
  await gate.enter(10);
  const late = assert.rejects(gate.enter(100), {
    code: 'BUSY',
    retryable: true,
    message: '1 calls are under way, no place was free for 100 ms',
  });
  const abort = new AbortController();
  const aborted = assert.rejects(gate.enter(10_000, abort.signal), { code: 'ABORTED' });
  await time.advance(100);
  await late;
  abort.abort();
  await aborted;
  gate.leave();
  assert.equal(gate.inside, 0, 'those who gave up take no place');
});

test('idle comes when everybody has left, also those who waited', async () => {
  const gate = new Gate(1, new VirtualTime(realScheduler));
  await gate.enter(10);
  let isIdle = false;
  const idle = gate.idle().then(() => {
    isIdle = true;
  });
  const second = gate.enter(1_000);
  gate.leave();
  await second;
  assert.equal(isIdle, false);
  gate.leave();
  await idle;
  await gate.idle();
});

test('a pause ends by time or by signal', async () => {
  const time = new VirtualTime(realScheduler);
  const ended: string[] = [];
  const abort = new AbortController();
  const long = pause(time, 1_000, new AbortController().signal).then(() => ended.push('long'));
  const cut = pause(time, 5_000, abort.signal).then(() => ended.push('cut'));
  abort.abort();
  await cut;
  await time.advance(1_000);
  await long;
  await pause(time, 1_000, abort.signal);
  assert.deepEqual(ended, ['cut', 'long']);
  assert.equal(time.pending, 0);
});

test('a call that is aborted leaves its work alone', async () => {
  let finish = (_value: string): void => {};
  const work = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const abort = new AbortController();
  const call = abortable(work, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(call, { code: 'ABORTED', cause: new Error('enough') });
  finish('done');
  assert.equal(await abortable(work, undefined), 'done');
  assert.equal(await abortable(work, new AbortController().signal), 'done');
  const failing = Promise.reject(new Error('failed'));
  await assert.rejects(abortable(failing, new AbortController().signal), /failed/);
  await assert.rejects(abortable(Promise.reject(new Error('unheard')), abort.signal), {
    code: 'ABORTED',
  });
});

test('a gate counts bytes too; one call that is larger than the limit goes alone', async () => {
  const time = new VirtualTime(realScheduler);
  const gate = new Gate(10, time, 100);
  assert.ok(gate.tryEnter(60));
  assert.equal(gate.tryEnter(41), false);
  const entered: string[] = [];
  const large = gate.enter(1_000, undefined, 500).then(() => entered.push('large'));
  const small = gate.enter(1_000, undefined, 1).then(() => entered.push('small'));
  const late = assert.rejects(gate.enter(10, undefined, 1), {
    code: 'BUSY',
    message: 'Calls of 60 bytes are under way, at most 100 may be: no place was free for 10 ms',
  });
  await time.advance(10);
  await late;
  assert.deepEqual(entered, [], 'nobody overtakes those who wait');
  gate.leave(60);
  await large;
  assert.deepEqual(entered, ['large']);
  gate.leave(500);
  await small;
  gate.leave(1);
  await gate.idle();
});

test('who gives up lets those behind in for whom there is room', async () => {
  const time = new VirtualTime(realScheduler);
  const gate = new Gate(10, time, 100);
  assert.ok(gate.tryEnter(60));
  const large = assert.rejects(gate.enter(10, undefined, 90), { code: 'BUSY' });
  const small = gate.enter(1_000, undefined, 40);
  await time.advance(10);
  await large;
  await small;
  assert.equal(gate.inside, 2);
});
