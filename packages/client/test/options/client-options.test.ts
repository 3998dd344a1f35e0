import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveClientOptions } from '../../src/options/client-options.ts';
import { parseNameServers } from '../../src/options/name-server-addresses.ts';

const INVALID = { code: 'INVALID_ARGUMENT' };

test('name servers are given as a text or a list, with some tolerance', () => {
  assert.deepEqual(parseNameServers('a:1; b:2 ;;a:1'), ['a:1', 'b:2']);
  assert.deepEqual(parseNameServers('http://a:1,b:2'), ['a:1', 'b:2']);
  assert.deepEqual(parseNameServers(['a:1', '[::1]:9876;c:3']), ['a:1', '[::1]:9876', 'c:3']);
});

test('what is no address is refused by name', () => {
  for (const text of ['a', 'a:', ':1', 'a:0', 'a:65536', 'a:1x', 'a:1.5']) {
    const message = `Option namesrv must be host:port, not ${JSON.stringify(text)}`;
    assert.throws(() => parseNameServers(text), { ...INVALID, message });
  }
  assert.throws(() => parseNameServers(' ; '), INVALID);
  const many = Array.from({ length: 65 }, (_, index) => `h${index}:1`);
  assert.throws(() => parseNameServers(many), INVALID);
});

test('who has no types is told what is missing', () => {
  assert.throws(() => resolveClientOptions(JSON.parse('null')), {
    ...INVALID,
    message: 'A client needs options, at least { namesrv }: the address of a name server',
  });
  assert.throws(() => parseNameServers(JSON.parse('null')), {
    ...INVALID,
    message: 'Option namesrv must be host:port, not null',
  });
});

test('defaults are those of the official clients', () => {
  const options = resolveClientOptions({ namesrv: 'a:1' });
  assert.equal(options.requestTimeoutMs, 3_000);
  assert.equal(options.heartbeatMs, 30_000);
  assert.equal(options.routeRefreshMs, 30_000);
  assert.equal(options.offsetPersistMs, 5_000);
  assert.equal(options.serialization, 'json');
  assert.equal(options.tls, undefined);
  assert.deepEqual(resolveClientOptions({ namesrv: 'a:1', tls: true }).tls, {});
});

test('options out of their limits are refused with name, value and limit', () => {
  const namesrv = 'a:1';
  const message = 'Option heartbeatMs must be an integer from 100 to 600000, not 5';
  assert.throws(() => resolveClientOptions({ namesrv, heartbeatMs: 5 }), { ...INVALID, message });
  assert.throws(() => resolveClientOptions({ namesrv, requestTimeoutMs: 0.5 }), INVALID);
  assert.throws(() => resolveClientOptions({ namesrv, instanceName: '' }), INVALID);
  const credentials = { accessKey: 'a', secretKey: '' };
  assert.throws(() => resolveClientOptions({ namesrv, credentials }), INVALID);
});
