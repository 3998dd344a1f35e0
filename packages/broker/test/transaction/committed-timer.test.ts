/** A transaction whose message asks for a time: it waits from its commit on, and comes once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseCode } from '@skylarkmq/wire';
import { COMMIT, type Half, ROLLBACK, TransactionLab } from './transaction-lab.ts';

const DAY_MS = 24 * 3600_000;

test('delays count from the commit, times are what they are', async () => {
  const lab = await TransactionLab.start();
  const startMs = lab.time.nowMs();
  const delayed = await lab.half('ms', { TIMER_DELAY_MS: '2500' });
  const seconds = await lab.half('seconds', { TIMER_DELAY_SEC: '4' });
  const at = await lab.half('at', { TIMER_DELIVER_MS: String(startMs + 9500) });
  const past = await lab.half('past', { TIMER_DELIVER_MS: String(startMs + 500) });
  const dropped = await lab.half('dropped', { TIMER_DELAY_MS: '100' });
  await lab.time.advance(3000);
  assert.deepEqual(lab.bodies(), [], 'a half waits for its outcome, not for its time');
  const ends: readonly (readonly [Half, number])[] = [
    [delayed, COMMIT],
    [seconds, COMMIT],
    [at, COMMIT],
    [past, COMMIT],
    [dropped, ROLLBACK],
  ];
  for (const [half, outcome] of ends) assert.equal((await lab.end(half, outcome)).code, 0);
  const again = await lab.end(delayed, COMMIT);
  assert.equal(again.code, ResponseCode.SystemError, 'it has ended');
  for (let step = 0; step < 100; step++) await lab.time.advance(100);
  const came = lab.stored('T').map((one) => `${one.body} ${one.storeTimestamp - startMs}`);
  assert.deepEqual(came, ['past 3000', 'ms 5500', 'seconds 7000', 'at 9500']);
  await lab.close();
});

test('a half that asks for more than the limit is refused before anything is done', async () => {
  const lab = await TransactionLab.start();
  const properties = { UNIQ_KEY: 'k', TRAN_MSG: 'true', PGROUP: 'PG' };
  const far = { ...properties, TIMER_DELAY_MS: String(41 * DAY_MS) };
  const answer = await lab.send('far', far);
  assert.equal(answer.code, ResponseCode.MessageIllegal);
  assert.match(answer.remark ?? '', /timerMaxDelaySec/);
  await lab.close();
});
