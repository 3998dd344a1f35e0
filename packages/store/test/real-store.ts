/** Options of a store on the real disk, for benches and recorded stores. */
import {
  createPrng,
  realClock,
  realFileSystem,
  realScheduler,
  silentLogger,
} from '@skylarkmq/base';
import { encodeHost } from '@skylarkmq/message';
import type { StoreOptions } from '../src/index.ts';

export function realOptions(directory: string, more: Partial<StoreOptions> = {}): StoreOptions {
  return {
    directory,
    fileSystem: realFileSystem,
    clock: realClock,
    scheduler: realScheduler,
    logger: silentLogger,
    prng: createPrng(1),
    storeHost: encodeHost('127.0.0.1:10911'),
    flush: 'async',
    // The disk of the machine may be full.
    retention: { diskWarningRatio: 2 },
    ...more,
  };
}
