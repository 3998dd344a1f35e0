/**
 * kill -9 under load, again and again on the same store: nothing that was acknowledged is lost,
 * nothing is there twice, or where something else was, or other than it was sent. The built
 * `skylark start` is killed 20 times, with SKYLARK_SOAK=1 200 times, half of them with each flush
 * mode; and processes that only have a store.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { createPrng, randomSeed } from '@skylarkmq/base';
import { checkLedger, hashOf, type LedgerEvent, violationsOf } from '@skylarkmq/testkit';
import { KilledBroker } from './kill-9/kill-broker.ts';
import { type KillRun, killOnce, readStore } from './kill-9/kill-store.ts';

const KILLS = process.env['SKYLARK_SOAK'] === '1' ? 200 : 20;
/** Of a process that only has a store: quicker to lose messages, slower to start. */
const STORE_KILLS = KILLS / 5;
/** Of stores of a few megabytes: what takes longer than this never ends. */
const RECOVERY_MS_MAX = 60_000;
const START_MS_MAX = 120_000;
const seed = Number(process.env['SEED'] ?? randomSeed());

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/skylark-kill-`);
  try {
    await work(`${directory}/store`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

for (const flush of ['sync', 'async'] as const) {
  test(`${flush}: a store survives ${STORE_KILLS} kills (SEED=${seed})`, async (t) => {
    await inDirectory(async (directory) => {
      const prng = createPrng(seed);
      const run: KillRun = { events: [], recoveryMsMax: 0 };
      for (let kill = 0; kill < STORE_KILLS; kill += 1) {
        await killOnce(run, directory, flush, `k${kill}`, prng);
      }
      await readStore(run, directory, flush);
      const report = checkLedger(run.events);
      const { attempts, acks, receipts, stored } = report;
      t.diagnostic(
        `${attempts} sent, ${acks} acknowledged, ${receipts} received, ${stored} stored`,
      );
      assert.equal(violationsOf(report), '');
      assert.ok(acks > STORE_KILLS * 20, 'there was load');
      assert.equal(report.duplicatesStored, 0);
      assert.ok(run.recoveryMsMax < RECOVERY_MS_MAX, `recovered in ${run.recoveryMsMax} ms`);
    });
  });
}

for (const flush of ['sync', 'async'] as const) {
  test(`${flush}: skylark start survives ${KILLS / 2} kills (SEED=${seed})`, async (t) => {
    await inDirectory(async (directory) => {
      const prng = createPrng(seed);
      const broker = await KilledBroker.start(directory, flush);
      try {
        for (let kill = 0; kill < KILLS / 2; kill += 1) await broker.kill(kill, prng);
        await broker.finish();
        const report = checkLedger(broker.events);
        const { attempts, acks, receipts, stored } = report;
        const counts = `${acks} acknowledged, ${receipts} received, ${stored} stored`;
        t.diagnostic(`${attempts} sent, ${counts}, started in ${broker.startMsMax} ms at most`);
        assert.equal(violationsOf(report), '');
        assert.ok(acks > KILLS * 20 && receipts > KILLS * 5, `there was load: ${counts}`);
        assert.ok(broker.startMsMax < START_MS_MAX, `${broker.startMsMax} ms`);
        await broker.stop();
      } catch (error) {
        await broker.abandon();
        throw error;
      }
    });
  });
}

test('the test sees a build that acknowledges before the write', async () => {
  await inDirectory(async (directory) => {
    const prng = createPrng(seed);
    const run: KillRun = { events: [], recoveryMsMax: 0 };
    for (let kill = 0; kill < 10; kill += 1) {
      await killOnce(run, directory, 'async', `k${kill}`, prng, 'early');
      const probe: KillRun = { events: [...run.events], recoveryMsMax: 0 };
      await readStore(probe, directory, 'async');
      if (checkLedger(probe.events).lost.length > 0) return;
    }
    assert.fail('ten kills, and nothing was lost');
  });
});

test('the test sees a body that is not the one that was sent', () => {
  const events: LedgerEvent[] = [
    { kind: 'attempt', id: 'a', producer: 'p' },
    { kind: 'final', id: 'a', queue: 'q', offset: 0, bodyHash: hashOf(Buffer.from('other')) },
  ];
  const report = checkLedger(events, { expectedHash: () => hashOf(Buffer.from('sent')) });
  assert.equal(report.corrupt.length, 1);
});
