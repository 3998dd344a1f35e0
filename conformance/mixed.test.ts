/**
 * Halves of a cluster from different makers: our broker registers at Apache's name server, and
 * Apache's broker at ours. The official clients work in both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, suite, test } from 'node:test';
import { startApacheBroker, startApacheNamesrv } from './servers/apache.ts';
import { assertAllWell, runGo, runJava } from './servers/official-client.ts';
import { freePort } from './servers/ports.ts';
import type { Server } from './servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

/** What depends on the name server's answers and on registration: topics, routes, retry topics. */
const JAVA_5 = [
  'sync',
  'batch',
  'create-topic',
  'push-clustering',
  'push-tags',
  'push-orderly',
  'orderly-dead-letter',
  'lite-pull-assign',
  'query-by-key-and-id',
];
const JAVA_4 = ['sync', 'create-topic', 'push-tags', 'lite-pull-assign'];
const GO = ['sync', 'create-topic', 'push-clustering', 'push-tags', 'pull-from'];
/** Of a group's first offsets, committed at once, Apache's broker may lose some: not for it. */
const RESUMING = { java: ['lite-pull-subscribe'], go: ['pull-poll'] } as const;

suite('mixed clusters', { skip: skipWithout('java', 'mvn') }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'skylark-mixed-'));
  const running: Server[] = [];
  afterEach(async () => {
    for (const server of running.splice(0).reverse()) await server.stop();
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function started<Kind extends Server>(server: Promise<Kind>): Promise<Kind> {
    running.push(await server);
    return await server;
  }

  async function workThrough(
    namesrv: string,
    more: { readonly java: readonly string[]; readonly go: readonly string[] },
  ): Promise<void> {
    const newest = [...JAVA_5, ...more.java];
    assertAllWell(await runJava({ version: '5.5.0', namesrv, scenarios: newest }));
    assertAllWell(await runJava({ version: '4.9.8', namesrv, scenarios: JAVA_4 }));
    if (skipWithout('go') === false) assertAllWell(await runGo(namesrv, [...GO, ...more.go]));
  }

  test("our broker at Apache's name server", async () => {
    const { address: namesrv } = await started(startApacheNamesrv());
    const store = join(directory, 'ours');
    await started(startSkylarkBroker({ namesrv, port: await freePort(), store }));
    await workThrough(namesrv, RESUMING);
  });

  test("Apache's broker at our name server", async () => {
    const { address: namesrv } = await started(startSkylarkNamesrv());
    const store = join(directory, 'theirs');
    await started(startApacheBroker({ namesrv, port: await freePort(), store }));
    await workThrough(namesrv, { java: [], go: [] });
  });

  test('both brokers in one cluster, at both name servers', async () => {
    const theirs = await started(startApacheNamesrv());
    const ours = await started(startSkylarkNamesrv());
    const namesrv = `${theirs.address};${ours.address}`;
    const options = (brokerName: string, port: number) =>
      ({ namesrv, port, brokerName, store: join(directory, brokerName) }) as const;
    await started(startSkylarkBroker(options('broker-ours', await freePort())));
    await started(startApacheBroker(options('broker-theirs', await freePort())));
    // Without `push-resume`: of a group's first offsets, committed at once, Apache may lose some.
    const scenarios = ['async', 'push-broadcasting', 'push-clustering'];
    for (const address of [theirs.address, ours.address]) {
      assertAllWell(await runJava({ version: '5.5.0', namesrv: address, scenarios }));
    }
  });
});
