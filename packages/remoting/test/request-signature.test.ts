import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signed } from '../src/request-signature.ts';

test('a signature covers fields in the order of their names, and the body', () => {
  const credentials = { accessKey: 'key', secretKey: 'secret' };
  const ext = new Map([
    ['b', '2'],
    ['a', '1'],
  ]);
  const request = signed({ code: 1, ext, body: Buffer.from('body') }, credentials);
  // printf 'key12body' | openssl dgst -sha1 -hmac secret -binary | base64
  assert.equal(request.ext?.get('Signature'), SIGNATURE);
  assert.equal(request.ext?.get('AccessKey'), 'key');
  assert.equal(ext.size, 2, 'the given request is left alone');
  const again = signed(request, credentials);
  assert.equal(again.ext?.get('Signature'), SIGNATURE, 'an old signature does not count');
  const token = signed({ code: 1 }, { ...credentials, securityToken: 't' });
  assert.equal(token.ext?.get('SecurityToken'), 't');
});

const SIGNATURE = 'RO+2E9a0n4A4OVx5POCCEy+V7cw=';
