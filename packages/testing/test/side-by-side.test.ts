/** Many servers in one process: none sees the others', and nothing is left of them at the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Producer, PushConsumer } from '@skylarkmq/client';
import { startSkylark } from '@skylarkmq/testing';

const SERVERS = 8;
const MESSAGES = 20;
const PATIENCE_MS = 120_000;
const PATIENCE = { within: PATIENCE_MS };
/** One event loop serves all of them. */
const PATIENT = { requestTimeoutMs: PATIENCE_MS, sendTimeoutMs: PATIENCE_MS };

/** What keeps a process alive, besides what the test runner has itself. */
function resources(): readonly string[] {
  const ours = ['TCPServerWrap', 'TCPSocketWrap', 'TCPConnectWrap', 'Timeout', 'MessagePort'];
  return process.getActiveResourcesInfo().filter((name) => ours.includes(name));
}

/** Sockets of clients whose server is gone are closed when the kernel tells of it. */
async function nothingIsLeft(before: readonly string[]): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (resources().length > before.length && performance.now() < deadline) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(resources(), before);
}

async function useOne(name: string, virtualTime: boolean): Promise<void> {
  await using skylark = await startSkylark({ virtualTime });
  await using producer = new Producer({ ...skylark.clientOptions, ...PATIENT });
  await using consumer = new PushConsumer({
    ...{ ...skylark.clientOptions, ...PATIENT },
    ...{ group: 'billing', subscriptions: 'orders', consumeFrom: 'first' },
  });
  await skylark.createTopic('orders');
  const seen: string[] = [];
  const running = consumer.run((message) => {
    seen.push(message.text());
  });
  const bodies = Array.from({ length: MESSAGES }, (_, index) => `${name} ${index}`);
  await Promise.all(bodies.map((body) => producer.send({ topic: 'orders', body })));
  await skylark.waitUntilConsumed('billing', 'orders', PATIENCE);
  assert.deepEqual(seen.toSorted(), bodies.toSorted(), 'its own messages, and no others');
  assert.equal((await skylark.messages('orders')).length, MESSAGES);
  if (virtualTime) await skylark.time.advance(60_000);
  await consumer.close();
  await running;
}

test('servers run side by side, in real and virtual time, and leave nothing behind', async () => {
  const before = resources();
  const names = Array.from({ length: SERVERS }, (_, index) => `server-${index}`);
  await Promise.all(names.map((name, index) => useOne(name, index % 2 === 1)));
  await nothingIsLeft(before);
});

test('a server that is closed while clients are there leaves nothing, either', async () => {
  const before = resources();
  const skylark = await startSkylark();
  const producer = new Producer({ ...skylark.clientOptions, ...PATIENT });
  await producer.send({ topic: 'orders', body: 'x' });
  assert.ok(resources().includes('TCPServerWrap'));
  await skylark.restart();
  await skylark.restart({ kill: true });
  await skylark.close();
  assert.ok(!resources().includes('TCPServerWrap'), 'its ports are closed when it says so');
  await producer.close();
  await nothingIsLeft(before);
});

test('a port that is closed can be used at once', async () => {
  const first = await startSkylark();
  const [, port = ''] = first.namesrvAddress.split(':');
  await first.close();
  await using second = await startSkylark({ port: Number(port) });
  assert.equal(second.namesrvAddress, first.namesrvAddress);
});
