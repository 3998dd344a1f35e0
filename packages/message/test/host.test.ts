import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import { hostText } from '@skylarkmq/testkit';
import fc from 'fast-check';
import { decodeHost, encodeHost, encodeHostParts } from '../src/index.ts';

test('addresses survive', () => {
  fc.assert(
    fc.property(hostText, (text) => {
      const bytes = encodeHost(text);
      const v6 = bytes.length === 20;
      const decoded = decodeHost(bytes, 0, v6);
      assert.deepEqual(encodeHost(decoded), bytes);
      if (!v6 && !text.startsWith('[')) assert.equal(decoded, text);
      if (v6) assert.ok(isIPv6(decoded.slice(1, decoded.lastIndexOf(']'))));
    }),
  );
});

test('known forms', () => {
  assert.equal(encodeHostParts('::ffff:10.1.2.3', 80).toString('hex'), '0a01020300000050');
  assert.equal(encodeHost('::1:9876').toString('hex'), `${'00'.repeat(15)}0100002694`);
  assert.equal(encodeHost('[fe80::1%eth0]:1').subarray(0, 2).toString('hex'), 'fe80');
});

test('what is no address is refused', () => {
  for (const text of ['', 'localhost:1', '1.2.3:4', '1.2.3.256:1', '1.2.3.4', '1.2.3.4:65536']) {
    assert.throws(() => encodeHost(text), /is not IP:port/, text);
  }
  for (const text of ['[1::2::3]:1', '[:::]:1', '[12345::]:1', '[1:2:3]:4']) {
    assert.throws(() => encodeHost(text), /is not IP:port/, text);
  }
});
