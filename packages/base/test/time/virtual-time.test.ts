import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, VirtualTime } from '../../src/index.ts';

test('timers fire in order of time, then of their making', async () => {
  const time = new VirtualTime(realScheduler, 1000);
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${time.nowMs()}`);
  time.after(20, note('b'));
  time.after(10, note('a'));
  time.after(20, note('c'));
  time.after(31, note('late'));
  await time.advance(30);
  assert.deepEqual(fired, ['a@1010', 'b@1020', 'c@1020']);
  assert.equal(time.nowMs(), 1030);
  assert.equal(time.monotonicMs(), 30);
  await time.advance(1);
  assert.deepEqual(fired.slice(3), ['late@1031']);
});

test('what a timer starts, also asynchronously, happens in the same advance', async () => {
  const time = new VirtualTime(realScheduler);
  const fired: number[] = [];
  time.after(5, () => {
    void Promise.resolve().then(() => time.after(5, () => fired.push(time.monotonicMs())));
  });
  await time.advance(10);
  assert.deepEqual(fired, [10]);
});

test('periods repeat until they are cancelled', async () => {
  const time = new VirtualTime(realScheduler);
  let count = 0;
  const timer = time.every(100, () => {
    if (++count === 3) timer.cancel();
  });
  await time.advance(1000);
  assert.equal(count, 3);
  assert.equal(time.pending, 0);
  timer.cancel();
});

test('two hours pass in a moment', async () => {
  const time = new VirtualTime(realScheduler);
  let fired = false;
  time.after(7_200_000, () => {
    fired = true;
  });
  await time.advance(7_199_999);
  assert.equal(fired, false);
  await time.advance(1);
  assert.equal(fired, true);
});

test('the pauses of loops are as long as asked for, but longer while long times pass', async () => {
  const time = new VirtualTime(realScheduler, { firingsMax: 10 });
  let rounds = 0;
  const loop = (): void => {
    rounds++;
    time.pace(1_000, loop);
  };
  time.pace(1_000, loop);
  await time.advance(999);
  assert.equal(rounds, 0);
  await time.advance(1);
  assert.equal(rounds, 1);
  await time.advance(100_000);
  assert.ok(rounds >= 10 && rounds <= 12, `${rounds} rounds`);
  // The last one was as late as its pause says, and nothing is stretched any more.
  const before = rounds;
  await time.advance(1_000);
  assert.equal(rounds, before + 1);
});
