/** The SDK against the real Apache RocketMQ 5.5.0, started from its published jars. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite } from 'node:test';
import { testAll, testLite } from './sdk/all-scenarios.ts';
import { LITE_SETTINGS } from './sdk/lite-scenarios.ts';
import { brokerIsKnown } from './sdk/scenario.ts';
import { TIMER_SETTINGS } from './sdk/timer-scenarios.ts';
import { TRANSACTION_SETTINGS } from './sdk/transaction-scenarios.ts';
import { startApacheBroker, startApacheNamesrv } from './servers/apache.ts';
import { freePort } from './servers/ports.ts';
import type { Server } from './servers/server.ts';
import { skipWithout } from './servers/toolchain.ts';

const USUAL = [...TRANSACTION_SETTINGS, ...TIMER_SETTINGS];

suite('the SDK against Apache 5.5.0', { skip: skipWithout('java') }, () => {
  testAll('sdk-apache', serversWith(USUAL));
});

suite('lite topics of the SDK against Apache 5.5.0', { skip: skipWithout('java') }, () => {
  testLite('sdk-apache', serversWith(LITE_SETTINGS));
});

/** For a suite: servers with these settings of the broker; the address of the name server. */
function serversWith(settings: readonly string[]): () => string {
  const store = mkdtempSync(join(tmpdir(), 'skylark-sdk-apache-'));
  let namesrv: Server | undefined;
  let broker: Server | undefined;

  before(async () => {
    namesrv = await startApacheNamesrv();
    const { address } = namesrv;
    broker = await startApacheBroker({
      ...{ namesrv: address, port: await freePort(), store, settings },
    });
    await brokerIsKnown({ namesrv: address });
  });
  after(async () => {
    await broker?.stop();
    await namesrv?.stop();
    rmSync(store, { recursive: true, force: true });
  });
  return () => namesrv?.address ?? '';
}
