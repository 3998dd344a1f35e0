import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConsumeLayers } from '../../src/middleware/consume-layers.ts';
import { PushConsumer } from '../../src/push/push-consumer.ts';
import { deliver } from '../fake/delivered.ts';

const { signal } = new AbortController();

test('a middleware is around the handler and may give it another body', async () => {
  const layers = new ConsumeLayers('G', undefined);
  const seen: string[] = [];
  const handle = layers.around((messages) => {
    seen.push(...messages.map((message) => message.text()));
    return messages[0]?.ack();
  });
  await handle([deliver('m', 'plain').message], signal);
  layers.use(async (context, next) => {
    const { group } = context;
    context.messages = context.messages.map((one) => one.withBody(Buffer.from(`${group}!`)));
    await next();
    seen.push('after');
  });
  const delivered = deliver('m', 'secret');
  await handle([delivered.message], signal);
  assert.deepEqual(seen, ['plain', 'G!', 'after']);
  assert.deepEqual(delivered.settled, ['ack'], 'settling the copy settles the message');
  assert.equal(delivered.message.text(), 'secret');
  assert.ok(delivered.message.settled);
});

test('what is thrown inside reaches the consumer unless a middleware takes it', async () => {
  const layers = new ConsumeLayers('G', undefined);
  const handle = layers.around(() => {
    throw new Error('handler');
  });
  layers.use((_, next) => next());
  await assert.rejects(async () => handle([deliver('m').message], signal), /handler/);
  layers.use(async (_, next) => {
    await next().catch(() => 'swallowed');
  });
  await handle([deliver('m').message], signal);
});

test('a loop has no handler: it cannot be used with middleware', async () => {
  await using consumer = new PushConsumer({ namesrv: 'a:1', group: 'G', subscriptions: 'T' });
  assert.equal(
    consumer.use((_, next) => next()),
    consumer,
  );
  await assert.rejects(consumer.messages().next(), { code: 'INVALID_ARGUMENT' });
});
