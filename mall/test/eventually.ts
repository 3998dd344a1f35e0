import { setTimeout as delay } from 'node:timers/promises';
import { PATIENCE_MS } from './patience.ts';

const PAUSE_MS = 20;

/** Waits until it is so; fails after three minutes, and says what was waited for. */
export async function eventually(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  limitMs: number = PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await delay(PAUSE_MS);
  }
}
