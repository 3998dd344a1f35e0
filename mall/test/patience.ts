/** For tests of what happens, not of how soon: nothing is given up because a machine is busy. */
import type { Settings } from '../src/shared/settings.ts';

/** More than anything takes; less than a test file may. */
export const PATIENCE_MS = 180_000;

export const PATIENT: Pick<Settings, 'callTimeoutMs' | 'stepTimeoutMs' | 'requestsPerSecond'> = {
  callTimeoutMs: PATIENCE_MS,
  stepTimeoutMs: PATIENCE_MS,
  requestsPerSecond: Number.POSITIVE_INFINITY,
};
