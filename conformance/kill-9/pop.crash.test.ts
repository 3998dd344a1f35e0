/**
 * kill -9 while POP receives and acknowledges: every accepted message comes until it is
 * acknowledged, never before the time of its last receipt is over, and never again after an
 * acknowledgement that the broker confirmed in time. 3 kills with each flush mode, with
 * SKYLARK_SOAK=1 100.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPrng, randomSeed } from '@skylarkmq/base';
import { KilledPop } from './kill-pop.ts';
import { violationsOfForgetting, withKilledServer } from './killed-server.ts';

const KILLS = process.env['SKYLARK_SOAK'] === '1' ? 100 : 3;
const seed = Number(process.env['SEED'] ?? randomSeed());

// Each has a server and a directory of its own, and waits most of the time.
suite('kill -9 with POP', { concurrency: true }, () => {
  for (const flush of ['sync', 'async'] as const) {
    test(`${flush}: POP survives ${KILLS} kills (SEED=${seed})`, async (t) => {
      await withKilledServer(flush, async (server) => {
        const pop = new KilledPop(server, createPrng(seed));
        await pop.prepare();
        for (let kill = 0; kill < KILLS; kill += 1) await pop.kill();
        await pop.finish();
        const { accepted, done, repeated, lateAcks } = pop;
        const counts = `${accepted} accepted, ${done} acknowledged in time, ${lateAcks} late`;
        t.diagnostic(`${counts}, ${repeated} came more than once`);
        assert.deepEqual(pop.violations().slice(0, 20), []);
        assert.ok(accepted > KILLS * 20 && repeated > 0, `there was load: ${counts}`);
      });
    });
  }

  test('the test sees a disk that forgets', async () => {
    await withKilledServer('sync', async (server) => {
      const killed = new KilledPop(server, createPrng(seed), 5000);
      await killed.prepare();
      const found = await violationsOfForgetting(server, killed);
      assert.ok(
        found.some((one) => one.includes('accepted and did not come')),
        found.slice(0, 20).join('; '),
      );
    });
  });
});
