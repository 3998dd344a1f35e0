/** Kills processes that write to a store, again and again, and keeps the ledger of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  createPrng,
  type Prng,
  realClock,
  realFileSystem,
  realScheduler,
  silentLogger,
} from '@skylarkmq/base';
import { decodeRecords, encodeHost } from '@skylarkmq/message';
import { type FlushMode, LogStore } from '@skylarkmq/store';
import { type LedgerEvent, parseLedger, readLedgerBody } from '@skylarkmq/testkit';
import { killOptions } from './kill-options.ts';
import { loaded } from './killed-server.ts';

const CHILD = fileURLToPath(new URL('store-child.ts', import.meta.url));
/** Acknowledged before a kill, at least. */
const ACKS_MIN = 25;
const LOAD_MS_MORE = 400;

/** What a run of kills left behind. */
export interface KillRun {
  readonly events: LedgerEvent[];
  /** The longest recovery, milliseconds. */
  recoveryMsMax: number;
}

/** One life of a process: started, killed after a random time. Adds its ledger to the run. */
export async function killOnce(
  run: KillRun,
  directory: string,
  flush: FlushMode,
  prefix: string,
  prng: Prng,
  build = '',
): Promise<void> {
  const args = ['--import', 'tsx', '--conditions=@skylarkmq/source', CHILD];
  const ledger = `${directory}.ledger`;
  const child = spawn(process.execPath, [...args, directory, ledger, flush, prefix, build], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  child.stdout.once('data', (recoveryMs: Buffer) => {
    run.recoveryMsMax = Math.max(run.recoveryMsMax, Number(recoveryMs));
  });
  const isLoaded = (): boolean => child.exitCode !== null || acksIn(ledger) >= ACKS_MIN;
  await loaded(isLoaded);
  await delay(prng.below(LOAD_MS_MORE));
  child.kill('SIGKILL');
  const [code, signal] = await closed;
  if (signal !== 'SIGKILL') throw new Error(`The process ended by itself, with code ${code}`);
  for (const event of parseLedger(readFileSync(ledger, 'utf8'))) run.events.push(event);
  rmSync(ledger);
}

/** Acknowledgements in a ledger that is being written. */
function acksIn(ledger: string): number {
  return existsSync(ledger) ? readFileSync(ledger, 'utf8').split('"ack"').length - 1 : 0;
}

/** The final reader: everything that the store has, from the beginning. */
export async function readStore(run: KillRun, directory: string, flush: FlushMode): Promise<void> {
  const store = await LogStore.open(
    killOptions({
      ...{ directory, clock: realClock, scheduler: realScheduler, fileSystem: realFileSystem },
      ...{ logger: silentLogger, prng: createPrng(1), flush, processId: process.pid },
      storeHost: encodeHost('127.0.0.1:10911'),
    }),
  );
  for (const queue of store.queues()) {
    for (let offset = queue.minOffset; offset < queue.maxOffset; ) {
      const result = await store.getMessages(queue, offset, 32, 1 << 20, null);
      for (const message of decodeRecords(Buffer.concat([...result.slices]))) {
        const { id, bodyHash } = readLedgerBody(message.body);
        const name = `${message.topic}-${message.queueId}`;
        run.events.push({
          ...{ kind: 'final', id, queue: name, offset: message.queueOffset, bodyHash },
        });
      }
      offset = result.nextBeginOffset;
      result.release();
    }
  }
  await store.close();
}
