import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqErrorCode } from '@skylarkmq/base';
import fc from 'fast-check';
import type { Command } from '../../src/command.ts';
import { encodeCommand } from '../../src/encode-command.ts';
import { FrameDecoder } from '../../src/frame-decoder.ts';
import { SignedFields } from '../../src/rpc/signed-fields.ts';
import { Serialization } from '../../src/serialization.ts';

function commandOf(frame: Buffer): Command {
  const decoder = new FrameDecoder();
  decoder.push(frame);
  const command = decoder.next();
  assert.ok(command !== null);
  return command;
}

function jsonFrame(header: string): Buffer {
  const bytes = Buffer.from(header, 'utf8');
  const frame = Buffer.alloc(8 + bytes.length);
  frame.writeInt32BE(4 + bytes.length, 0);
  frame.writeInt32BE(bytes.length, 4);
  bytes.copy(frame, 8);
  return frame;
}

const fields = new SignedFields();

test('values come in the order of their names, in both forms of headers', () => {
  const name = fc.string({ minLength: 1, maxLength: 12 });
  const value = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.dictionary(name, value), fc.boolean(), (object, binary) => {
      const ext = new Map(Object.entries(object));
      const form = binary ? Serialization.Binary : Serialization.Json;
      const command = commandOf(encodeCommand({ code: 310, ext }, form));
      fields.read(command);
      const wanted = [...ext.keys()].sort().map((key) => ext.get(key) ?? '');
      assert.equal(fields.signedValues([]).toString('utf8'), wanted.join(''));
      for (const [key, text] of ext) assert.equal(fields.text(key), text);
      assert.equal(fields.text('not there'), undefined);
      assert.equal(command.isExtDecoded && [...ext.keys()].every(isAscii) && ext.size < 60, false);
    }),
    { numRuns: 500 },
  );
});

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text) && !/["\\]/.test(text);
}

test('some fields can be left out', () => {
  const ext = new Map([
    ['Signature', 'S'],
    ['b', '2'],
    ['a', '1'],
  ]);
  fields.read(commandOf(encodeCommand({ code: 1, ext }, Serialization.Json)));
  assert.equal(fields.signedValues(['Signature']).toString(), '12');
});

test('a field that is there twice is refused', () => {
  const header = '{"code":310,"extFields":{"b":"orders","c":"1","b":"secrets"},"opaque":1}';
  assert.throws(() => fields.read(commandOf(jsonFrame(header))), {
    code: MqErrorCode.InvalidArgument,
    message: 'The field b is there twice',
  });
});

test('fields of unusual forms are decoded in full', () => {
  const header = '{"code":310,"extFields":{"b":"orders","none":null,"n":7},"opaque":1}';
  fields.read(commandOf(jsonFrame(header)));
  assert.equal(fields.text('b'), 'orders');
  assert.equal(fields.signedValues([]).toString(), 'orders7');
});
