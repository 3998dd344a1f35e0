/**
 * kill -9 while messages for a time are taken and delivered: nothing that was accepted is lost,
 * nothing comes early, nothing that was taken back comes, and nothing comes twice but what was
 * delivered right before a kill. 3 kills with each flush mode, with SKYLARK_SOAK=1 100.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPrng, randomSeed } from '@skylarkmq/base';
import { KilledTimers } from './kill-timers.ts';
import { violationsOfForgetting, withKilledServer } from './killed-server.ts';

const KILLS = process.env['SKYLARK_SOAK'] === '1' ? 100 : 3;
const seed = Number(process.env['SEED'] ?? randomSeed());

// Each has a server and a directory of its own, and waits most of the time.
suite('kill -9 with timers', { concurrency: true }, () => {
  for (const flush of ['sync', 'async'] as const) {
    test(`${flush}: timers survive ${KILLS} kills (SEED=${seed})`, async (t) => {
      await withKilledServer(flush, async (server) => {
        const timers = new KilledTimers(server, createPrng(seed));
        await timers.prepare();
        for (let kill = 0; kill < KILLS; kill += 1) await timers.kill();
        await timers.finish();
        const { accepted, delivered, recalled, repeated } = timers;
        const counts = `${accepted} accepted, ${recalled} taken back, ${delivered} delivered`;
        t.diagnostic(`${counts}, ${repeated} of them again after a kill`);
        assert.deepEqual(timers.violations().slice(0, 20), []);
        assert.ok(accepted > KILLS * 20 && recalled > 0, `there was load: ${counts}`);
      });
    });
  }

  test('the test sees a disk that forgets', async () => {
    await withKilledServer('sync', async (server) => {
      const killed = new KilledTimers(server, createPrng(seed), 5000);
      await killed.prepare();
      const found = await violationsOfForgetting(server, killed);
      assert.ok(
        found.some((one) => one.includes('accepted and did not come')),
        found.slice(0, 20).join('; '),
      );
    });
  });
});
