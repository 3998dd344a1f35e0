/**
 * Orders under kill -9 of services and broker, with duplicates, disorder and a payment provider
 * that misbehaves: every order ends, the books are right to the cent. The long form (npm run soak)
 * has 2,000 orders and 50 kills.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomSeed } from '@skylarkmq/base';
import { Fleet, type FleetOptions } from './fleet.ts';
import { Storm } from './storm.ts';

const IS_LONG = process.env['SKYLARK_SOAK'] === '1';
const SIZE = IS_LONG
  ? { orders: 2_000, atOnce: 32, kills: 50 }
  : { orders: 64, atOnce: 16, kills: 4 };
const PAYMENT_TIMEOUT_S = 15;
/** "Within 60 s of the last fault", on a machine that does this alone. */
const END_LIMIT_MS = IS_LONG ? 600_000 : 300_000;

export const SURVIVAL = { timeout: 12 * 3_600_000 };

export type SurviveOptions = Pick<FleetOptions, 'namesrv' | 'victims' | 'database'>;

/** The mall on this platform and this database. */
export async function survive(options: SurviveOptions): Promise<void> {
  const seed = Number(process.env['SEED'] ?? randomSeed());
  const directory = mkdtempSync(join(tmpdir(), 'mall-chaos-'));
  try {
    const fleet = await Fleet.start({ ...options, directory, paymentTimeoutS: PAYMENT_TIMEOUT_S });
    const scene = new Storm(fleet, { ...SIZE, seed });
    try {
      await outlive(scene);
    } finally {
      scene.crowd.close();
      await fleet.stop();
    }
  } catch (error) {
    throw new Error(`With SEED=${seed}`, { cause: error });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function outlive(scene: Storm): Promise<void> {
  const { crowd } = scene;
  await scene.rage();
  const calmMs = performance.now();
  const states = await crowd.settled(['awaiting-payment'], END_LIMIT_MS);
  await crowd.agreed(END_LIMIT_MS);
  const tookMs = Math.round(performance.now() - calmMs);
  const counts = Object.fromEntries(states);
  console.log(`ended ${tookMs} ms after the last fault: ${JSON.stringify(counts)}`);
  const total = [...states.values()].reduce((sum, count) => sum + count, 0);
  assert.equal(total, SIZE.orders);
}
