/** The SDK while its broker is killed and comes back: no acknowledged message is lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { MqError, Producer, PushConsumer } from '@skylarkmq/client';
import { brokerIsKnown, makeTopic, pause, range, unique, until } from './sdk/scenario.ts';
import { freePort } from './servers/ports.ts';
import type { BrokerOptions, Server } from './servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from './servers/skylark.ts';

const KILLS = 3;
const BATCH = 50;

suite('the SDK while its broker is killed', () => {
  const store = mkdtempSync(join(tmpdir(), 'skylark-sdk-restart-'));
  let namesrv: Server | undefined;
  let broker: Server | undefined;
  let options: BrokerOptions = { namesrv: '', port: 0, store };

  before(async () => {
    namesrv = await startSkylarkNamesrv();
    options = { ...options, namesrv: namesrv.address, port: await freePort() };
    broker = await startSkylarkBroker(options);
    await brokerIsKnown({ namesrv: namesrv.address });
  });
  after(async () => {
    await broker?.stop();
    await namesrv?.stop();
    rmSync(store, { recursive: true, force: true });
  });

  test('everything acknowledged arrives, and consuming goes on', async () => {
    const target = { namesrv: options.namesrv };
    const topic = await makeTopic(target, 'restart');
    const acknowledged = new Set<string>();
    const received = new Set<string>();
    const producer = new Producer({ ...target, sendTimeoutMs: 1_000 });
    const consumer = new PushConsumer({
      ...target,
      group: unique('restart'),
      subscriptions: topic,
      consumeFrom: 'first',
    });
    const running = consumer.run((message) => {
      received.add(message.text());
    });
    let next = 0;
    let sending = true;
    const send = async (): Promise<void> => {
      const body = `m${next++}`;
      try {
        await producer.send({ topic, body });
        acknowledged.add(body);
      } catch (error) {
        assert.ok(error instanceof MqError && error.retryable, String(error));
        await pause(20);
      }
    };
    const loop = (async () => {
      while (sending) await Promise.all(range(BATCH).map(send));
    })();
    for (const round of range(KILLS)) {
      const goal = acknowledged.size + 500;
      await until(`messages of round ${round}`, () => acknowledged.size > goal);
      await broker?.kill();
      broker = await startSkylarkBroker(options);
      const before = received.size;
      await until('the consumer to go on', () => received.size > before + BATCH);
    }
    sending = false;
    await loop;
    await until('all', () => [...acknowledged].every((body) => received.has(body)));
    await consumer.close();
    await running;
    await producer.close();
  });
});
