import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signed } from '@skylarkmq/remoting';
import { Serialization, SignedFields } from '@skylarkmq/wire';
import fc from 'fast-check';
import { isSignedWith } from '../../src/user/signature.ts';
import { received } from '../fixture.ts';

const BY = { accessKey: 'key', secretKey: 'secret' };

function check(secret: string, command: ReturnType<typeof received>): boolean {
  const fields = new SignedFields();
  fields.read(command);
  return isSignedWith(secret, command, fields);
}

test('what clients sign is right, in both forms, and nothing else is', () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  const ext = fc.dictionary(fc.stringMatching(/^[a-zA-Z_]{1,10}$/), text);
  fc.assert(
    fc.property(ext, fc.uint8Array({ maxLength: 50 }), (fields, body) => {
      const request = { code: 310, version: 513, ext: new Map(Object.entries(fields)), body };
      for (const form of [Serialization.Json, Serialization.Binary]) {
        assert.equal(check('secret', received(signed(request, BY), form)), true);
        assert.equal(check('secreT', received(signed(request, BY), form)), false);
        const more = { ...signed(request, BY), body: Buffer.concat([body, Buffer.from('x')]) };
        assert.equal(check('secret', received(more, form)), false);
      }
    }),
    { numRuns: 200 },
  );
});

test('old clients do not sign the mark of a query by unique key', () => {
  const request = signed({ code: 12, version: 395, ext: new Map([['topic', 'T']]) }, BY);
  const marked = new Map([...(request.ext ?? []), ['_UNIQUE_KEY_QUERY', 'true']]);
  assert.equal(check('secret', received({ ...request, ext: marked })), true);
  assert.equal(check('secret', received({ ...request, version: 513, ext: marked })), false);
});

test('an empty secret signs nothing', () => {
  assert.equal(check('', received({ code: 1, ext: new Map([['Signature', '']]) })), false);
});
