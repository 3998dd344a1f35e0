import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { deferred } from '@skylarkmq/base';
import { type ConsumeOptions, skylarkPlugin } from '@skylarkmq/fastify';
import { type Skylark, startSkylark } from '@skylarkmq/testing';
import fastify, { type FastifyInstance } from 'fastify';

const LIMIT_MS = 600_000;

suite('the Fastify plugin', { timeout: LIMIT_MS }, () => {
  let skylark: Skylark;
  before(async () => {
    skylark = await startSkylark();
  });
  after(() => skylark.close());

  async function application(): Promise<FastifyInstance> {
    const app = fastify();
    await app.register(skylarkPlugin, {
      namesrv: skylark.namesrvAddress,
      producer: { group: 'web' },
    });
    return app;
  }

  const orders = (group: string, topic: string): ConsumeOptions => ({
    group,
    subscriptions: topic,
    consumeFrom: 'first',
  });

  test('a route sends and a consumer receives', async () => {
    await skylark.createTopic('plugin-orders');
    const app = await application();
    const received = deferred<string>();
    await app.mq.consume(orders('plugin-workers', 'plugin-orders'), (message) => {
      received.resolve(message.text());
    });
    app.post('/orders', async () => {
      const receipt = await app.mq.producer.send({ topic: 'plugin-orders', body: 'paid' });
      return { id: receipt.messageId };
    });
    const response = await app.inject({ method: 'POST', url: '/orders' });
    assert.equal(response.statusCode, 200);
    assert.equal(await received.promise, 'paid');
    await app.close();
  });

  test('mq is there in every part of the application', async () => {
    const app = await application();
    app.register(async (part) => {
      part.get('/group', () => part.mq.producer.group);
    });
    assert.equal((await app.inject('/group')).body, 'web');
    await app.close();
  });

  test('closing waits for handlers, and the producer works until the end', async () => {
    await skylark.createTopic('plugin-slow');
    const app = await application();
    const begun = deferred<void>();
    const go = deferred<void>();
    let done = false;
    await app.ready();
    await app.mq.consume(orders('plugin-drained', 'plugin-slow'), async () => {
      begun.resolve();
      await go.promise;
      await app.mq.producer.send({ topic: 'plugin-slow-done', body: 'done' });
      done = true;
    });
    await app.mq.producer.send({ topic: 'plugin-slow', body: 'work' });
    await begun.promise;
    const closing = app.close();
    go.resolve();
    await closing;
    assert.ok(done);
    await assert.rejects(app.mq.producer.send({ topic: 'plugin-slow', body: 'late' }), {
      code: 'CLOSED',
    });
    await assert.rejects(
      app.mq.consume(orders('plugin-late', 'plugin-slow'), () => {}),
      { code: 'CLOSED' },
    );
  });

  test('an application whose name server does not answer does not become ready', async () => {
    const app = fastify();
    await app.register(skylarkPlugin, { namesrv: '127.0.0.1:1', connectTimeoutMs: 500 });
    await app.mq.consume(orders('plugin-nowhere', 'any'), () => {});
    await assert.rejects(async () => app.ready(), { code: 'CONNECT' });
    await app.close();
  });
});
