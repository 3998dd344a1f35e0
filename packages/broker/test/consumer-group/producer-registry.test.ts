/** Producers: seen while their connection lives and speaks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDomains } from '../domains.ts';
import { heartbeat } from '../heartbeats.ts';

test('a producer is seen until it leaves, goes silent, or its connection closes', async () => {
  const broker = await startDomains();
  const { producers, time } = broker;
  const [leaving, silent, closing] = [broker.client(), broker.client(), broker.client()];
  for (const [client, id] of [
    [leaving, 'l'],
    [silent, 's'],
    [closing, 'c'],
  ] as const) {
    assert.equal((await client.ask(heartbeat(id, { producers: ['P'] }))).code, 0);
  }
  const ids = (): string[] => producers.clients('P').map((client) => client.clientId);
  assert.deepEqual(ids(), ['l', 's', 'c']);
  const ext = new Map([
    ['clientID', 'l'],
    ['producerGroup', 'P'],
  ]);
  await leaving.ask({ code: 35, ext });
  assert.deepEqual(ids(), ['s', 'c']);
  const closed = new Promise<void>((resolve) => broker.server.onConnectionClose(() => resolve()));
  await closing.close();
  await closed;
  assert.deepEqual(ids(), ['s']);
  await time.advance(120_000);
  assert.deepEqual(ids(), ['s']);
  await time.advance(20_000);
  assert.deepEqual(producers.groups(), []);
  await broker.close();
});
