import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Logger } from '@skylarkmq/base';
import { silentLogger } from '@skylarkmq/base';
import * as v from 'valibot';
import { z } from 'zod';
import type { OutgoingMessage } from '../../src/producer/outgoing-message.ts';
import { PayloadError } from '../../src/typed/payload-error.ts';
import { byTopic, type OnInvalid, topic } from '../../src/typed/topic.ts';
import { deliver } from '../fake/delivered.ts';

const { signal } = new AbortController();

const orders = topic({
  name: 'T',
  schema: z.object({
    id: z.number().int(),
    at: z.string().transform((text) => new Date(text)),
    note: z.string().default('none'),
  }),
});

class Outbox {
  readonly messages: OutgoingMessage[] = [];
  readonly options: (number | undefined)[] = [];

  send(message: OutgoingMessage, options?: number): Promise<string> {
    this.messages.push(message);
    this.options.push(options);
    return Promise.resolve('sent');
  }
}

test('a payload is sent as it is given, and handled as the schema makes it', async () => {
  const outbox = new Outbox();
  const value = { id: 7, at: '2026-01-02T00:00:00.000Z' };
  assert.equal(await orders.send(outbox, value, { tags: 'created', keys: ['k'] }, 5), 'sent');
  assert.deepEqual(outbox.options, [5]);
  const [message] = outbox.messages;
  const body = JSON.stringify(value);
  assert.deepEqual(message, { topic: 'T', body, tags: 'created', keys: ['k'] });

  const seen: unknown[] = [];
  const handler = orders.handler((order) => {
    // The types are those of the schema's output.
    const year: number = order.at.getUTCFullYear();
    const note: string = order.note;
    seen.push([order.id, year, note]);
  });
  const delivered = deliver('m', String(message?.body));
  await handler(delivered.message, signal);
  assert.deepEqual(seen, [[7, 2026, 'none']]);
  assert.deepEqual(delivered.settled, [], 'left to the consumer, which acknowledges');
});

test('a payload that is not valid does not leave; the error has the issues', async () => {
  const outbox = new Outbox();
  await assert.rejects(orders.send(outbox, { id: 1.5, at: 'x' }), (error: unknown) => {
    assert.ok(error instanceof PayloadError);
    assert.equal(error.code, 'INVALID_ARGUMENT');
    assert.equal(error.retryable, false);
    assert.equal(error.issues.length, 1);
    assert.match(error.message, /^The payload for topic T is not valid: id: /);
    return true;
  });
  assert.deepEqual(outbox.messages, []);
  const many = topic({ name: 'T', schema: z.array(z.number()) });
  const wrong = JSON.parse('["a","b","c","d","e","f","g"]');
  await assert.rejects(many.message(wrong), /0: .*; 2 more$/);
  const any = topic({ name: 'T', schema: z.any() });
  await assert.rejects(any.message(undefined), /has no form in JSON/);
  await assert.rejects(any.message(1n), { code: 'INVALID_ARGUMENT' });
});

test('a received payload that is not valid goes where it is told to', async () => {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_, text) => warnings.push(text) };
  const outcome = async (onInvalid: OnInvalid | undefined, body: string) => {
    const options = onInvalid === undefined ? { logger } : { onInvalid, logger };
    const delivered = deliver('m', body);
    await orders.handler(() => assert.fail('not valid'), options)(delivered.message, signal);
    return delivered.settled;
  };
  assert.deepEqual(await outcome(undefined, '{"id":"x"}'), ['reject']);
  assert.deepEqual(await outcome('dead-letter', 'not JSON'), ['reject']);
  assert.deepEqual(await outcome('retry', '{}'), ['retry 0']);
  assert.deepEqual(await outcome('ignore', '{}'), []);
  const own: OnInvalid = (message, error) => {
    assert.equal(error.code, 'CORRUPT');
    return message.retry({ delayMs: error.issues.length * 1_000 });
  };
  assert.deepEqual(await outcome(own, '{}'), ['retry 2000']);
  assert.equal(warnings.length, 5);
});

test('what the handler throws stays what it is', async () => {
  const handler = orders.handler(() => {
    throw new Error('mine');
  });
  const body = '{"id":1,"at":"2026-01-01"}';
  const delivered = deliver('m', body);
  await assert.rejects(async () => handler(delivered.message, signal), /^Error: mine$/);
  assert.deepEqual(delivered.settled, []);
});

test('valibot too, asynchronous schemas, and other codecs', async () => {
  const base64 = {
    encode: (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64'),
    decode: (body: Buffer) => JSON.parse(Buffer.from(body.toString(), 'base64').toString()),
  };
  const schema = v.pipeAsync(
    v.object({ name: v.string() }),
    v.checkAsync(async ({ name }) => (await Promise.resolve(name)) !== 'bad', 'bad name'),
  );
  const names = topic({ name: 'N', schema, codec: base64 });
  const message = await names.message({ name: 'good' });
  assert.equal(message.body, Buffer.from('{"name":"good"}').toString('base64'));
  await assert.rejects(names.message({ name: 'bad' }), /bad name/);
  const read = await names.read(deliver('m', String(message.body)).message);
  assert.equal(read.name, 'good');
});

test('a consumer of several topics has a handler for each', async () => {
  const seen: string[] = [];
  const handler = byTopic({ T: () => seen.push('T'), U: () => seen.push('U') });
  await handler(deliver('m').message, signal);
  assert.deepEqual(seen, ['T']);
  const partial = byTopic({ U: () => {} });
  assert.throws(() => partial(deliver('m').message, signal), /no handler, only for U/);
});
