import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostBytesOf } from '../src/host-address.ts';
import { joinAddress, splitAddress } from '../src/index.ts';

test('addresses of sockets, IPv4 in IPv6 shown as IPv4', () => {
  assert.equal(joinAddress('10.0.0.1', 80), '10.0.0.1:80');
  assert.equal(joinAddress('::ffff:10.0.0.1', 80), '10.0.0.1:80');
  assert.equal(joinAddress('fe80::1', 80), '[fe80::1]:80');
  assert.equal(joinAddress(undefined, undefined), '0.0.0.0:0');
});

test('host and port are split at the last colon', () => {
  assert.deepEqual(splitAddress('localhost:9876'), { host: 'localhost', port: 9876 });
  assert.deepEqual(splitAddress('[::1]:9876'), { host: '::1', port: 9876 });
  assert.deepEqual(splitAddress('::1:9876'), { host: '::1', port: 9876 });
  for (const bad of ['', 'localhost', ':1', 'a:', 'a:0', 'a:65536', 'a:1.5', 'a:x']) {
    assert.throws(() => splitAddress(bad), { code: 'INVALID_ARGUMENT' }, bad);
  }
});

test('host bytes as in records', () => {
  assert.equal(hostBytesOf('127.0.0.1', 10911).toString('hex'), '7f00000100002a9f');
  assert.equal(hostBytesOf('::ffff:127.0.0.1', 1).toString('hex'), '7f00000100000001');
  const v6 = hostBytesOf('fe80::1:2%eth0', 1).toString('hex');
  assert.equal(v6, 'fe80000000000000000000000001000200000001');
});
