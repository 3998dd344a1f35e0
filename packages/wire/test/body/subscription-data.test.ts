import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFastjson } from '@skylarkmq/base';
import { decodeSubscriptionData } from '@skylarkmq/wire';

test('a version in nanoseconds, as the Go client sends it, is taken and keeps the order', () => {
  const version = (text: string): number =>
    decodeSubscriptionData(parseFastjson(`{"topic":"T","subVersion":${text}}`)).subVersion;
  assert.ok(version('1795561353432000512') > version('1795561353432000000'));
  assert.equal(version('1795561353432000001'), version('1795561353432000001'));
  assert.equal(version('1795561353432'), 1_795_561_353_432);
  assert.throws(() => version('"soon"'), /subVersion must be a number/);
});

test('hashes of tags are numbers, or strings as the Go client sends them', () => {
  const codes = (text: string): readonly number[] =>
    decodeSubscriptionData(parseFastjson(`{"topic":"T","codeSet":${text}}`)).codeSet;
  assert.deepEqual(codes('["2598919",-7,"-2147483648"]'), [2_598_919, -7, -2_147_483_648]);
  assert.throws(() => codes('["2598919x"]'), /code must be a number/);
});
