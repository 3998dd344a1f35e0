import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BodyCompressor } from '../../src/producer/body-compressor.ts';
import {
  bodySizeOf,
  type OutgoingMessage,
  prepareMessage,
  propertyText,
} from '../../src/producer/outgoing-message.ts';
import { resolveProducerOptions } from '../../src/producer/producer-options.ts';
import { splitBatch } from '../../src/producer/split-batch.ts';

const INVALID = { code: 'INVALID_ARGUMENT' };

function prepare(message: Partial<OutgoingMessage>) {
  return prepareMessage({ topic: 'T', body: 'x', ...message }, 'T', 'ID');
}

test('a message becomes body and property text', () => {
  const prepared = prepare({
    body: 'grün',
    tags: 't',
    keys: ['k1', 'k2'],
    shardingKey: 's',
    delayLevel: 3,
    properties: new Map([['a', 'b']]),
  });
  assert.equal(prepared.body.toString(), 'grün');
  const pairs = propertyText(prepared)
    .split('\u0002')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split('\u0001'));
  assert.deepEqual(Object.fromEntries(pairs), {
    a: 'b',
    TAGS: 't',
    KEYS: 'k1 k2',
    __SHARDINGKEY: 's',
    DELAY: '3',
    WAIT: 'true',
    UNIQ_KEY: 'ID',
  });
});

test('who has no types is told what is wrong', () => {
  const refused: readonly [string, RegExp][] = [
    ['{"tags":5}', /tags of a message must be a text, not number/],
    ['{"keys":5}', /keys of a message must be texts, not number/],
    ['{"keys":["a",null]}', /keys of a message must be texts, not null/],
    ['{"shardingKey":5}', /shardingKey of a message must be a text, not number/],
    ['{"properties":{"a":5}}', /value of property "a" must be a text, not number/],
  ];
  for (const [json, reason] of refused) {
    assert.throws(() => prepare(JSON.parse(json)), { ...INVALID, message: reason });
  }
  const unfit: readonly [string, RegExp][] = [
    ['null', /message must be an object with topic and body, not null/],
    ['{"body":"x"}', /topic of a message must be a text, not undefined/],
    ['{"topic":"T","body":{"a":1}}', /text or bytes, not object: make one, as with JSON.stringify/],
  ];
  for (const [json, reason] of unfit) {
    assert.throws(() => bodySizeOf(JSON.parse(json)), { ...INVALID, message: reason });
  }
  assert.equal(bodySizeOf({ topic: 'T', body: 'four' }), 4);
  assert.equal(bodySizeOf({ topic: 'T', body: Buffer.alloc(3) }), 3);
});

test('what cannot be sent is refused, with the reason', () => {
  const refused: readonly [Partial<OutgoingMessage>, RegExp][] = [
    [{ body: '' }, /body of a message to T is empty/],
    [{ body: Buffer.alloc(4 * 1024 * 1024 + 1) }, /4194305 bytes, at most 4194304 are allowed/],
    [{ flag: 0.5 }, /flag/],
    [{ delayLevel: 19 }, /delay level must be an integer from 1 to 18, not 19/],
    [{ keys: ['a b'] }, /key "a b"/],
    [{ tags: 'a\u0001' }, /tags/],
    [{ shardingKey: '' }, /sharding key/],
    [{ properties: { TAGS: 'x' } }, /property name TAGS is reserved/],
    [{ properties: { a: ' ' } }, /must not be blank/],
    [{ properties: { a: 'x\u0002' } }, /property a/],
  ];
  for (const [message, reason] of refused) {
    assert.throws(() => prepare(message), { ...INVALID, message: reason });
  }
  const large = prepare({ properties: { a: 'x'.repeat(32_768) } });
  assert.throws(() => propertyText(large), { ...INVALID, message: /at most 32767 are allowed/ });
  const system = { topic: 'RMQ_SYS_TRANS_HALF_TOPIC', body: 'x' };
  assert.throws(() => prepareMessage(system, system.topic, 'ID'), /belongs to the platform/);
});

test('batches are cut in order, by bytes and by count', () => {
  const seed = Date.now();
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 }),
      fc.integer({ min: 100, max: 2_000 }),
      fc.integer({ min: 1, max: 10 }),
      (sizes, bytesMax, messagesMax) => {
        const messages = sizes.map((size) => ({ topic: 'T', body: 'x'.repeat(size) }));
        const parts = [...splitBatch(messages, { bytesMax, messagesMax })];
        assert.deepEqual(parts.flat(), messages);
        for (const part of parts) {
          assert.ok(part.length > 0 && part.length <= messagesMax);
          const bytes = part.reduce((sum, message) => sum + message.body.length, 0);
          assert.ok(part.length === 1 || bytes <= bytesMax);
        }
      },
    ),
    { seed },
  );
});

test('bodies are compressed where that helps', async () => {
  const compressor = new BodyCompressor(100, 5, undefined);
  assert.equal(compressor.wants(99), false);
  assert.equal(compressor.wants(100), true);
  const text = Buffer.from('again '.repeat(1_000));
  const small = await compressor.encode(text);
  assert.ok(small.body.length < text.length / 10);
  assert.equal(small.sysFlag & 1, 1);
  const noise = Buffer.from('q7Zp');
  assert.deepEqual(await compressor.encode(noise), { body: noise, sysFlag: 0 });
  const large = await compressor.encode(Buffer.alloc(1_000_000, 1));
  assert.ok(large.body.length < 10_000);
});

test('producer options have the defaults of the official clients', () => {
  const options = resolveProducerOptions({ namesrv: 'a:1' });
  assert.equal(options.sendTimeoutMs, 3_000);
  assert.equal(options.retries, 2);
  assert.equal(options.compressOverBytes, 4_096);
  assert.deepEqual([...options.retryResponseCodes], [1, 2, 14, 16, 17, 204, 205, 1500]);
  for (const bad of [
    { group: 'DEFAULT_PRODUCER' },
    { group: 'a b' },
    { retries: 101 },
    { sendTimeoutMs: 0 },
    { compressType: 'lz4' } as const,
  ]) {
    assert.throws(() => resolveProducerOptions({ namesrv: 'a:1', ...bad }), INVALID);
  }
});
