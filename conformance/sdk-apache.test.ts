/** The SDK against the real Apache RocketMQ 5.5.0, started from its published jars. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite } from 'node:test';
import { testAll } from './sdk/all-scenarios.ts';
import { brokerIsKnown } from './sdk/scenario.ts';
import { TIMER_SETTINGS } from './sdk/timer-scenarios.ts';
import { TRANSACTION_SETTINGS } from './sdk/transaction-scenarios.ts';
import { startApacheBroker, startApacheNamesrv } from './servers/apache.ts';
import { freePort } from './servers/ports.ts';
import type { Server } from './servers/server.ts';
import { skipWithout } from './servers/toolchain.ts';

suite('the SDK against Apache 5.5.0', { skip: skipWithout('java') }, () => {
  const store = mkdtempSync(join(tmpdir(), 'skylark-sdk-apache-'));
  let namesrv: Server | undefined;
  let broker: Server | undefined;

  before(async () => {
    namesrv = await startApacheNamesrv();
    broker = await startApacheBroker({
      namesrv: namesrv.address,
      port: await freePort(),
      store,
      settings: [...TRANSACTION_SETTINGS, ...TIMER_SETTINGS],
    });
    await brokerIsKnown({ namesrv: namesrv.address });
  });
  after(async () => {
    await broker?.stop();
    await namesrv?.stop();
    rmSync(store, { recursive: true, force: true });
  });

  testAll('sdk-apache', () => namesrv?.address ?? '');
});
