/** Damaged frames: commands or CORRUPT, never anything else, in bounded memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, randomSeed } from '@skylarkmq/base';
import { encodePropertyText } from '@skylarkmq/message';
import { mutatedBytes, propertyMap, topicName } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  encodeCommand,
  FrameDecoder,
  PullMessage,
  PullMessageScan,
  SendMessage,
  SendMessageScan,
  Serialization,
} from '../src/index.ts';
import { frameOf } from './frame.ts';

const seed = Number(process.env['SEED'] ?? randomSeed());
const limits = { timeout: 600_000 };
const FRAME_BYTES_MAX = 64 * 1024;

const form = fc.constantFrom(Serialization.Json, Serialization.Binary);
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const number = fc.oneof(fc.nat({ max: 100 }).map(String), fc.maxSafeInteger().map(String), text);
const letters = fc.constantFrom(...'abcdefghijklmn');

/** Requests that the scanners know, with values that they may not like. */
const ext = fc.oneof(
  fc.array(fc.tuple(letters, number), { maxLength: 16 }),
  fc.tuple(topicName, propertyMap.map(encodePropertyText), fc.nat()).map(([topic, i, e]) => [
    ...SendMessage.requestV2.encode({
      a: 'G',
      b: topic,
      c: 'TBW102',
      d: 4,
      e,
      f: 0,
      g: 1_700_000_000_000,
      h: 0,
      i,
      j: 0,
      m: false,
    }),
  ]),
  fc.tuple(topicName, fc.maxSafeNat()).map(([topic, queueOffset]) => [
    ...PullMessage.request.encode({
      consumerGroup: 'G',
      topic,
      queueId: 0,
      queueOffset,
      maxMsgNums: 32,
      sysFlag: 0,
      commitOffset: 0,
      suspendTimeoutMillis: 15_000,
      subVersion: 1,
    }),
  ]),
);
const frames = fc
  .tuple(
    fc.constantFrom(10, 11, 34, 105, 310, 320),
    ext,
    fc.option(text),
    fc.uint8Array({ maxLength: 60 }),
    form,
  )
  .map(([code, fields, remark, body, serialization]) =>
    encodeCommand({ code, ext: new Map(fields), remark, body }, serialization),
  );

const sendScan = new SendMessageScan();
const pullScan = new PullMessageScan();

/** Everything that is read of a command when it is served. */
function read(decoder: FrameDecoder): void {
  for (let command = decoder.next(); command !== null; command = decoder.next()) {
    answered(() => assert.ok(command.ext.size <= 257));
    assert.ok(command.body === null || command.body.length < command.frameBytes);
    answered(() => sendScan.scan(command));
    answered(() => pullScan.scan(command));
    answered(() => void SendMessage.request.decode(command.ext));
  }
}

function answered(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof MqError)) throw error;
    assert.ok(['CORRUPT', 'INVALID_ARGUMENT'].includes(error.code), error.message);
  }
}

test(`streams of frames, damaged and cut (SEED=${seed})`, limits, () => {
  const streams = fc.tuple(
    fc.array(mutatedBytes(frames, 2), { minLength: 1, maxLength: 4 }),
    fc.array(fc.nat(), { maxLength: 4 }),
  );
  fc.assert(
    fc.property(streams, ([parts, cuts]) => {
      const bytes = Buffer.concat(parts);
      const ends = cuts.map((cut) => cut % (bytes.length + 1)).sort((left, right) => left - right);
      const decoder = new FrameDecoder({ frameBytesMax: FRAME_BYTES_MAX });
      try {
        for (const [index, end] of [...ends, bytes.length].entries()) {
          decoder.push(bytes.subarray(ends[index - 1] ?? 0, end));
          read(decoder);
          assert.ok(decoder.pendingBytes < FRAME_BYTES_MAX);
        }
      } catch (error) {
        // The connection ends here.
        if (!(error instanceof MqError)) throw error;
        assert.equal(error.code, 'CORRUPT');
      }
    }),
    { seed, numRuns: 10_000 },
  );
});

test(`headers that are nearly headers (SEED=${seed})`, limits, () => {
  const json = fc
    .oneof(
      fc.record({ code: fc.jsonValue(), extFields: fc.jsonValue(), remark: fc.jsonValue() }),
      fc.dictionary(
        fc.constantFrom('code', 'flag', 'opaque', 'extFields', 'remark', 'language'),
        fc.jsonValue(),
      ),
      fc.constant({ code: 310, extFields: { a: 'g', b: 't', i: '\u0001\u0002' }, opaque: 1 }),
    )
    .map((value) => Buffer.from(JSON.stringify(value)));
  const headers = fc.oneof(
    json,
    fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
  );
  const types = fc.constantFrom(0, 0, 0, 1, 1, 2, 255);
  fc.assert(
    fc.property(types, mutatedBytes(headers), (type, header) => {
      const decoder = new FrameDecoder();
      decoder.push(frameOf(type, header));
      answered(() => read(decoder));
    }),
    { seed, numRuns: 10_000 },
  );
});
