/** Proves docs/formats/remoting-frame.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Command,
  encodeCommand,
  FrameDecoder,
  MqVersion,
  OUR_LANGUAGE,
  OUR_VERSION,
  Serialization,
  versionName,
} from '../src/index.ts';
import { decodeFrame, frameOf, passOn } from './frame.ts';

const FORMS = [Serialization.Json, Serialization.Binary] as const;
const isCorrupt = { code: 'CORRUPT' };

const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const commands = fc.record({
  code: fc.integer({ min: 0, max: 0x7fff }),
  flag: fc.constantFrom(0, 1, 2, 3),
  opaque: int32,
  version: fc.integer({ min: 0, max: 1000 }),
  language: fc.nat({ max: 13 }),
  remark: fc.option(text),
  ext: fc.array(fc.tuple(text, text), { maxLength: 50 }).map((pairs) => new Map(pairs)),
  body: fc.option(
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  ),
});

test('what is sent arrives, in both forms', () => {
  fc.assert(
    fc.property(commands, fc.constantFrom(...FORMS), (sent, form) => {
      const { code, flag, opaque, version, language, remark, ext, body } = passOn(sent, form);
      const fields = { code, flag, opaque, version, language, remark, ext: new Map(ext) };
      assert.deepEqual({ ...fields, body: body && Buffer.from(body) }, { ...sent });
    }),
  );
});

test('chunks may be used again once they are kept, commands once they are detached', () => {
  const streams = fc.array(fc.tuple(commands, fc.constantFrom(...FORMS)), { maxLength: 6 });
  fc.assert(
    fc.property(streams, fc.array(fc.nat(), { maxLength: 20 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(([command, form]) => encodeCommand(command, form)));
      const positions = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
      const decoder = new FrameDecoder();
      const received: Command[] = [];
      const shared = Buffer.alloc(bytes.length);
      for (const [index, end] of [...positions, bytes.length].entries()) {
        const from = positions[index - 1] ?? 0;
        bytes.copy(shared, 0, from, end);
        const chunk = shared.subarray(0, end - from);
        decoder.push(chunk);
        // Every other chunk is left unread, as by a connection that has enough to do.
        if (index % 2 === 0 || end === bytes.length) {
          for (let one = decoder.next(); one !== null; one = decoder.next()) {
            if (one.frame.buffer === shared.buffer) one.detach();
            received.push(one);
          }
        }
        decoder.keep(chunk);
        shared.fill(0xee);
      }
      assert.equal(received.length, sent.length);
      for (const [index, [command]] of sent.entries()) {
        const one = received[index];
        assert.deepEqual(new Map(one?.ext), command.ext);
        assert.deepEqual(one?.body ?? null, command.body ?? null);
      }
    }),
  );
});

test('frames may be cut anywhere', () => {
  const streams = fc.array(fc.tuple(commands, fc.constantFrom(...FORMS)), { maxLength: 6 });
  fc.assert(
    fc.property(streams, fc.array(fc.nat(), { maxLength: 20 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(([command, form]) => encodeCommand(command, form)));
      const positions = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
      const decoder = new FrameDecoder();
      const received: number[] = [];
      for (const [index, end] of [...positions, bytes.length].entries()) {
        decoder.push(bytes.subarray(positions[index - 1] ?? 0, end));
        for (let one = decoder.next(); one !== null; one = decoder.next()) {
          received.push(one.opaque);
          assert.deepEqual(new Map(one.ext), sent[received.length - 1]?.[0].ext);
        }
      }
      assert.deepEqual(
        received,
        sent.map(([command]) => command.opaque),
      );
      assert.equal(decoder.pendingBytes, 0);
    }),
  );
});

test('chunks may be pushed before all commands were taken', () => {
  const decoder = new FrameDecoder();
  const frames = [1, 2, 3, 4].map((opaque) =>
    encodeCommand({ code: 1, opaque }, Serialization.Json),
  );
  decoder.push(Buffer.concat(frames.slice(0, 3)));
  assert.equal(decoder.next()?.opaque, 1);
  const [, , , last = Buffer.alloc(0)] = frames;
  decoder.push(last.subarray(0, 10));
  assert.equal(decoder.next()?.opaque, 2);
  decoder.push(last.subarray(10));
  assert.equal(decoder.next()?.opaque, 3);
  assert.equal(decoder.next()?.opaque, 4);
  assert.equal(decoder.next(), null);
});

test('what a sender leaves out is ours', () => {
  for (const form of FORMS) {
    const command = passOn({ code: 105 }, form);
    assert.deepEqual([command.flag, command.opaque, command.remark], [0, 0, null]);
    assert.deepEqual([command.language, command.version], [OUR_LANGUAGE, OUR_VERSION]);
    assert.equal(command.ext.size, 0);
  }
});

test('an empty body is no body', () => {
  for (const form of FORMS)
    assert.equal(passOn({ code: 1, body: Buffer.alloc(0) }, form).body, null);
});

test('JSON headers as others write them', () => {
  const read = (header: string) => decodeFrame(frameOf(0, Buffer.from(header)));
  const spaced = read(
    '{ "code" : 11 , "extFields" : { "a" : "x" , "b" : "y" } , "opaque" : -3 }\n',
  );
  assert.deepEqual([spaced.code, spaced.opaque], [11, -3]);
  assert.deepEqual(
    spaced.ext,
    new Map([
      ['a', 'x'],
      ['b', 'y'],
    ]),
  );
  const loose = read(
    '{"opaque":1,"extFields":{"n":5,"t":true,"z":null},"code":"10","version":317}',
  );
  assert.deepEqual([loose.code, loose.version], [10, 317]);
  assert.deepEqual(
    loose.ext,
    new Map([
      ['n', '5'],
      ['t', 'true'],
    ]),
  );
  const escaped = read('{"code":1,"extFields":{"a\\u0041":"\\u4e2d\\n\\/"},"remark":"\\"q\\""}');
  assert.deepEqual(escaped.ext, new Map([['aA', '中\n/']]));
  assert.equal(escaped.remark, '"q"');
  const raw = read('{"code":1,"extFields":{"i":"k\u0001v\u0002"}}');
  assert.equal(raw.ext.get('i'), 'k\u0001v\u0002');
  const unknown = read('{"code":1,"language":"KLINGON","more":[1,{"a":2}],"extFields":null}');
  assert.equal(unknown.language, OUR_LANGUAGE);
  assert.equal(unknown.ext.size, 0);
  assert.equal(read('{}').code, 0);
  assert.equal(read('{"language":"GO","code":1}').language, 9);
  const many = [...Array(100).keys()].map((index) => `"k${index}":"v${index}"`).join();
  assert.equal(read(`{"code":1,"extFields":{${many}}}`).ext.size, 100);
});

test('a quote behind the header is not taken for one in it', () => {
  const decoder = new FrameDecoder();
  decoder.push(frameOf(0, Buffer.from('{"code":1,"extFields":{"a":"b'), Buffer.from('"}}')));
  assert.throws(() => decoder.next(), isCorrupt);
});

test('fields without names or values count as absent in binary headers', () => {
  const ext = new Map([
    ['a', ''],
    ['', 'b'],
    ['c', 'd'],
  ]);
  assert.deepEqual(passOn({ code: 1, ext }, Serialization.Binary).ext, new Map([['c', 'd']]));
});

test('codes that do not fit a binary header are refused, and fit JSON', () => {
  assert.throws(() => encodeCommand({ code: 200_050 }, Serialization.Binary), {
    code: 'INVALID_ARGUMENT',
  });
  assert.equal(passOn({ code: 200_050 }, Serialization.Json).code, 200_050);
  assert.equal(passOn({ code: -1 }, Serialization.Binary).code, -1);
});

test('limits of frame, header and fields', () => {
  const small = new FrameDecoder({ frameBytesMax: 100 });
  small.push(encodeCommand({ code: 1, body: Buffer.alloc(100) }, Serialization.Binary));
  assert.throws(() => small.next(), isCorrupt);
  const header = new FrameDecoder({ headerBytesMax: 50 });
  header.push(encodeCommand({ code: 1, remark: 'x'.repeat(50) }, Serialization.Binary));
  assert.throws(() => header.next(), isCorrupt);
  const ext = new Map([...Array(300).keys()].map((index) => [`k${index}`, 'v']));
  for (const form of FORMS) {
    const command = passOn({ code: 1, ext }, form);
    assert.throws(() => command.ext, isCorrupt);
    assert.ok(command.isMalformed);
  }
});

test('version names', () => {
  assert.equal(versionName(OUR_VERSION), '5.5.0');
  assert.equal(versionName(MqVersion.V4_9_4), '4.9.4');
  assert.equal(versionName(317), '4.5.2');
});
