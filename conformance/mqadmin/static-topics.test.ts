/**
 * Static topics, made and moved by the official mqadmin, used by the official Java client: first
 * with two brokers of Apache, then with two of ours. Push and pull consumers get every message of
 * before and after the move, once.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, suite, test } from 'node:test';
import { startApacheBroker, startApacheNamesrv } from '../servers/apache.ts';
import { assertAllWell, runJava } from '../servers/official-client.ts';
import { freePort } from '../servers/ports.ts';
import type { BrokerOptions, Server } from '../servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from '../servers/skylark.ts';
import { skipWithout } from '../servers/toolchain.ts';
import { MqAdmin } from './mq-admin.ts';

const TOPIC = 'Static';
const MESSAGES = 100;

suite('static topics', { skip: skipWithout('java', 'mvn') }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'skylark-static-'));
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function started(server: Promise<Server>): Promise<Server> {
    const one = await server;
    closing.push(() => one.stop());
    return one;
  }

  async function moveThrough(
    namesrv: string,
    startBroker: (options: BrokerOptions) => Promise<Server>,
    maker: string,
  ): Promise<void> {
    for (const brokerName of ['broker-a', 'broker-b']) {
      const store = join(directory, maker, brokerName);
      await started(startBroker({ namesrv, brokerName, port: await freePort(), store }));
    }
    const admin = new MqAdmin(namesrv);
    closing.push(() => admin.close());
    const java = async (...scenarios: string[]): Promise<void> =>
      assertAllWell(await runJava({ version: '5.5.0', namesrv, scenarios }));
    const made = await admin.run(
      'updateStaticTopic',
      '-c',
      'DefaultCluster',
      '-t',
      TOPIC,
      '-qn',
      '4',
    );
    assert.match(made, /new mapping data is written/);
    assert.match(await admin.run('topicRoute', '-t', TOPIC), /"topicQueueMappingByBroker"/);
    await java(`fill=${TOPIC},0,${MESSAGES},0`);
    await java(`follow=${TOPIC},Push,0,${MESSAGES}`);
    const moved = await admin.run('remappingStaticTopic', '-b', 'broker-b', '-t', TOPIC);
    assert.doesNotMatch(moved, /Exception/);
    const route = await admin.run('topicRoute', '-t', TOPIC);
    assert.match(route, /"bname":"broker-a",\s+"currIdMap":\{\}/);
    await java(`fill=${TOPIC},${MESSAGES},${MESSAGES},0`);
    await java(
      `follow=${TOPIC},Push,${MESSAGES},${2 * MESSAGES}`,
      `drain=${TOPIC},${2 * MESSAGES}`,
    );
    await java(`follow=${TOPIC},PushFromFirst,0,${2 * MESSAGES}`);
  }

  test("two of Apache's brokers", async () => {
    const { address } = await started(startApacheNamesrv());
    await moveThrough(address, startApacheBroker, 'apache');
  });

  test('two of our brokers', async () => {
    const { address } = await started(startSkylarkNamesrv());
    await moveThrough(address, startSkylarkBroker, 'skylark');
  });
});
