import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import { Pace, RATE_MAX } from '../../src/control/pace.ts';

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await pause(5);
}

suite('pace', { timeout: 1_800_000 }, () => {
  test('does as much as its clock says', async () => {
    let nowMs = 0;
    let done = 0;
    const pace = new Pace({
      clock: { nowMs: () => nowMs },
      work: async () => {
        done++;
      },
    });
    pace.set(10);
    nowMs = 1_000;
    await until(() => done === 10);
    nowMs = 1_500;
    await until(() => done === 15);
    pace.set(0);
    nowMs = 10_000;
    await pause(50);
    assert.equal(done, 15);
    await pace.stop();
    assert.equal(pace.counts.done, 15);
  });

  test('leaves out what cannot keep up, and what a pause of the process missed', async () => {
    let nowMs = 0;
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const pace = new Pace({ clock: { nowMs: () => nowMs }, work: () => ended });
    pace.set(RATE_MAX);
    nowMs = 3_600_000;
    await until(() => pace.counts.skipped > 0);
    const { running, skipped } = pace.counts;
    assert.equal(running + skipped, RATE_MAX);
    end();
    await pace.stop();
    assert.equal(pace.counts.running, 0);
    assert.equal(pace.counts.done, running);
  });

  test('says what failed', async () => {
    let nowMs = 0;
    const pace = new Pace({
      clock: { nowMs: () => nowMs },
      work: async () => {
        await setImmediate();
        throw new Error('No stock');
      },
    });
    pace.set(1);
    nowMs = 2_000;
    await until(() => pace.counts.failed >= 1);
    await pace.stop();
    assert.equal(pace.counts.lastError, 'No stock');
  });
});
