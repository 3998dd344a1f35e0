import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, randomSeed } from '@skylarkmq/base';
import { decodeProperties, encodeProperties } from '@skylarkmq/message';
import { MessageProperties } from '../../src/send/message-properties.ts';
import { PropertyStamps } from '../../src/send/property-stamps.ts';
import { DEFAULT_SETTINGS } from '../../src/settings.ts';

function setUp(): { properties: MessageProperties; stamps: PropertyStamps } {
  const stamps = new PropertyStamps('C');
  stamps.follow(DEFAULT_SETTINGS);
  return { properties: new MessageProperties(stamps, () => 'GENERATED'), stamps };
}

const STAMPS: [string, string][] = [
  ['MSG_REGION', 'DefaultRegion'],
  ['TRACE_ON', 'true'],
  ['CLUSTER', 'C'],
];

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`stamped bytes are what decoding, setting and encoding would give (SEED=${seed})`, () => {
  const prng = createPrng(seed);
  const { properties } = setUp();
  for (let round = 0; round < 500; round++) {
    const given = new Map<string, string>();
    const names = ['a', 'TAGS', 'KEYS', 'UNIQ_KEY', 'WAIT', 'CLUSTER', 'ключ'];
    for (const name of names) if (prng.below(2) === 0) given.set(name, `v${prng.below(1e9)}ü`);
    let source = encodeProperties(given);
    if (source.length > 0 && prng.below(2) === 0) source = source.subarray(0, -1);
    const padded = Buffer.concat([Buffer.from('xx'), source, Buffer.from('yy')]);
    assert.ok(properties.take(padded, 2, padded.length - 2));
    properties.stamp();
    const got = decodeProperties(properties.buffer, 0, properties.end);
    const wanted = new Map([...given, ...STAMPS]);
    if (!wanted.has('UNIQ_KEY')) wanted.set('UNIQ_KEY', 'GENERATED');
    const sorted = (map: Map<string, string>): unknown => [...map].sort();
    assert.deepEqual(sorted(got), sorted(wanted), `seed ${seed}`);
    const { uniqKeyStart, uniqKeyEnd } = properties.scan;
    const key = properties.buffer.toString('utf8', uniqKeyStart, uniqKeyEnd);
    assert.equal(key, wanted.get('UNIQ_KEY'), `seed ${seed}`);
  }
});

test('what is off the straight path is told, and can be replaced', () => {
  const { properties } = setUp();
  const plain = encodeProperties([['a', 'b']]);
  properties.take(plain, 0, plain.length);
  assert.equal(properties.isSpecial, false);
  for (const name of ['DELAY', 'TRAN_MSG', 'TIMER_DELAY_MS', 'POP_CK', '__CRC32#']) {
    const special = encodeProperties([[name, '1']]);
    properties.take(special, 0, special.length);
    assert.equal(properties.isSpecial, true, name);
  }
  const map = properties.decode();
  map.delete('__CRC32#');
  map.set('c', 'd');
  assert.equal(properties.replace(map), true);
  assert.equal(properties.isSpecial, false);
  properties.stamp();
  assert.equal(decodeProperties(properties.buffer, 0, properties.end).get('c'), 'd');
  const huge = Buffer.alloc(40_000, 'x');
  assert.equal(properties.take(huge, 0, huge.length), false);
});
