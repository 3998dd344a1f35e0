/** The skeleton: routes, messages through the outbox, idempotent consumers, restarts. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { sql } from 'kysely';
import { z } from 'zod';
import { type Mall, startMall } from '../../src/embedded/start-mall.ts';
import { ApiError } from '../../src/shared/api-error.ts';
import { HttpClient, RefusedError } from '../../src/shared/http/http-client.ts';
import { refund } from '../../src/shared/messaging/events.ts';
import { TOPIC } from '../../src/shared/messaging/topics.ts';
import { type CreateService, openService, type ServiceContext } from '../../src/shared/service.ts';
import { eventually } from '../eventually.ts';
import { PATIENCE_MS } from '../patience.ts';
import { quietLogger } from '../quiet-logger.ts';

suite('a service', { timeout: 1_800_000 }, () => {
  let mall: Mall;
  let context: ServiceContext<object>;
  const client = new HttpClient('mall-internal', PATIENCE_MS);
  const create: CreateService = async (deps) => {
    const migrations = ['CREATE TABLE effect (order_id TEXT NOT NULL);'];
    context = await openService<object>(deps, { name: 'shipping', migrations });
    context.http.route(
      {
        method: 'POST',
        url: '/things/:id',
        access: 'user',
        summary: 'Sends a message',
        input: z.object({
          params: z.object({ id: z.string() }),
          body: z.object({ copies: z.number().int().max(10) }),
        }),
        status: 202,
      },
      async ({ params, body }, { caller }) => {
        const event = { eventId: params.id, orderId: params.id, userId: caller.userId };
        await context.transaction(async (trx) => {
          for (let copy = 0; copy < body.copies; copy++) {
            await context.outbox.add(trx, {
              ...{ topic: TOPIC.refund, tag: 'test', orderId: params.id, eventId: params.id },
              body: { ...event, atMs: deps.clock.nowMs(), paymentId: null, reason: 'test' },
            });
          }
        });
        return { sent: body.copies };
      },
    );
    context.consume({
      group: 'mall-test',
      topic: refund,
      async handle(event, trx) {
        await sql`INSERT INTO effect (order_id) VALUES (${event.orderId})`.execute(trx);
      },
    });
    return context.start();
  };

  before(async () => {
    mall = await startMall({
      services: ['shipping'],
      replace: { shipping: create },
      logger: quietLogger,
    });
    await mall.ready();
  });
  after(async () => {
    client.close();
    await mall.stop();
  });

  const send = (id: string, body: object, userId = 'u_1') =>
    client.call({
      url: `${mall.deps.urls.shipping}/things/${id}`,
      body,
      caller: { userId, role: 'customer' },
      output: z.object({ sent: z.number() }),
    });

  async function effects(id: string): Promise<number> {
    const { rows } = await sql<{ n: number }>`
      SELECT count(*)::int AS n FROM effect WHERE order_id = ${id}
    `.execute(context.database.kysely);
    return rows[0]?.n ?? 0;
  }

  test('three copies of a message, sent from an outbox, have one effect', async () => {
    assert.deepEqual(await send('one', { copies: 3 }), { sent: 3 });
    await eventually('the effect', async () => (await effects('one')) === 1);
    await mall.platform?.waitUntilConsumed('mall-test', TOPIC.refund, { within: PATIENCE_MS });
    assert.equal(await effects('one'), 1);
    await eventually('an empty outbox', async () => (await context.outbox.pending()) === 0);
  });

  test('what was written while the broker was away is sent when it is back', async () => {
    await mall.platform?.restart({ kill: true });
    await send('two', { copies: 1 });
    await eventually('the effect', async () => (await effects('two')) === 1);
  });

  test('wrong input, no user, no secret, no route: a code for each', async () => {
    const refused = (code: string) => (error: unknown) =>
      error instanceof RefusedError && error.code === code;
    await assert.rejects(send('x', { copies: 'many' }), refused('INVALID'));
    await assert.rejects(send('x', { copies: 1 }, ''), refused('UNAUTHENTICATED'));
    const url = `${mall.deps.urls.shipping}/nowhere`;
    await assert.rejects(client.call({ url, output: z.unknown() }), refused('NOT_FOUND'));
    const stranger = new HttpClient('guess');
    const call = { url: `${mall.deps.urls.shipping}/things/x`, body: {}, output: z.unknown() };
    await assert.rejects(stranger.call(call), refused('FORBIDDEN'));
    stranger.close();
    const nobody = client.call({ url: 'http://127.0.0.1:1/', output: z.unknown() });
    await assert.rejects(
      nobody,
      (error) => error instanceof ApiError && error.code === 'UNAVAILABLE',
    );
  });

  test('the OpenAPI document names routes and their input', async () => {
    const url = `${mall.deps.urls.shipping}/openapi.json`;
    const output = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
    const { paths } = await client.call({ url, output });
    const text = JSON.stringify(paths['/things/{id}']);
    assert.match(text, /"name":"id","in":"path"/);
    assert.match(text, /"copies":\{"type":"integer"/);
    const ready = await client.call({
      url: `${mall.deps.urls.shipping}/health/ready`,
      output: z.object({ status: z.string() }),
    });
    assert.equal(ready.status, 'ready');
  });
});
