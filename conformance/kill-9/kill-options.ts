import type { StoreOptions } from '@skylarkmq/store';

/** A store with small files, so that a short run rolls over many of them. */
export function killOptions(options: StoreOptions): StoreOptions {
  return {
    ...options,
    commitLogFileBytes: 1024 * 1024,
    consumeQueueFileBytes: 6000,
    indexSlots: 5000,
    indexEntries: 20_000,
    queueFlushIntervalMs: 200,
    // The disk of the machine that runs the test may be nearly full.
    retention: { diskWarningRatio: 2, cleanForcibly: false },
  };
}
