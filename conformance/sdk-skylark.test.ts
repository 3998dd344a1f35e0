/** The SDK against Skylark's own command, by the scenarios that it passes against Apache. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite } from 'node:test';
import { testAll, testLite } from './sdk/all-scenarios.ts';
import { brokerIsKnown } from './sdk/scenario.ts';
import { TIMER_SETTINGS } from './sdk/timer-scenarios.ts';
import { TRANSACTION_SETTINGS } from './sdk/transaction-scenarios.ts';
import { freePort } from './servers/ports.ts';
import type { Server } from './servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from './servers/skylark.ts';

suite('the SDK against Skylark', () => {
  const store = mkdtempSync(join(tmpdir(), 'skylark-sdk-'));
  let namesrv: Server | undefined;
  let broker: Server | undefined;

  before(async () => {
    namesrv = await startSkylarkNamesrv();
    broker = await startSkylarkBroker({
      namesrv: namesrv.address,
      port: await freePort(),
      store,
      // What `skylark start` does by default.
      settings: [...TRANSACTION_SETTINGS, ...TIMER_SETTINGS, 'flushDiskType=SYNC_FLUSH'],
    });
    await brokerIsKnown({ namesrv: namesrv.address });
  });
  after(async () => {
    await broker?.stop();
    await namesrv?.stop();
    rmSync(store, { recursive: true, force: true });
  });

  testAll('sdk-skylark', () => namesrv?.address ?? '');
  suite('lite topics', () => testLite('sdk-skylark', () => namesrv?.address ?? ''));
});
