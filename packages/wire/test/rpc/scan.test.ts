/** The scanners of the hot path read what the exact decoders read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePropertyText } from '@skylarkmq/message';
import { propertyMap, topicName } from '@skylarkmq/testkit';
import fc from 'fast-check';
import {
  type Command,
  PullMessage,
  type PullMessageRequest,
  PullMessageScan,
  SendMessage,
  type SendMessageRequest,
  SendMessageScan,
  Serialization,
} from '../../src/index.ts';
import { decodeFrame, frameOf, passOn } from '../frame.ts';

const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
/** Of at most 15 digits: what the fast way takes. */
const long = fc.integer({ min: -999_999_999_999_999, max: Number.MAX_SAFE_INTEGER });
const forms = fc.constantFrom(Serialization.Json, Serialization.Binary);

const sends: fc.Arbitrary<SendMessageRequest> = fc.record(
  {
    producerGroup: topicName,
    topic: topicName,
    defaultTopic: topicName,
    defaultTopicQueueNums: int32,
    queueId: int32,
    sysFlag: int32,
    bornTimestamp: long,
    flag: int32,
    properties: propertyMap.map(encodePropertyText),
    reconsumeTimes: int32,
    unitMode: fc.boolean(),
    maxReconsumeTimes: fc.option(int32, { nil: undefined }),
    batch: fc.boolean(),
  },
  { noNullPrototype: true },
);

/** The names of codes 310 and 320. */
function shortened(values: SendMessageRequest): ReadonlyMap<string, string> {
  const { producerGroup: a, topic: b, defaultTopic: c, defaultTopicQueueNums: d } = values;
  const { queueId: e, sysFlag: f, bornTimestamp: g, flag: h, properties: i } = values;
  const { reconsumeTimes: j, unitMode: k, maxReconsumeTimes: l, batch: m } = values;
  return SendMessage.requestV2.encode({ a, b, c, d, e, f, g, h, i, j, k, l, m });
}

const scan = new SendMessageScan();

function scanned(command: Command): SendMessageRequest {
  scan.scan(command);
  const { properties, propertiesStart, propertiesEnd } = scan;
  return {
    producerGroup: scan.producerGroup,
    topic: scan.topic,
    defaultTopic: scan.defaultTopic,
    defaultTopicQueueNums: scan.defaultTopicQueueNums,
    queueId: scan.queueId,
    sysFlag: scan.sysFlag,
    bornTimestamp: scan.bornTimestamp,
    flag: scan.flag,
    properties: properties.toString('utf8', propertiesStart, propertiesEnd),
    reconsumeTimes: scan.reconsumeTimes,
    unitMode: scan.unitMode,
    maxReconsumeTimes: scan.maxReconsumeTimes === -1 ? undefined : scan.maxReconsumeTimes,
    batch: scan.batch,
  };
}

test('send requests of all three codes, in both forms', () => {
  fc.assert(
    fc.property(sends, forms, fc.constantFrom(10, 310, 320), (values, form, code) => {
      const ext = code === 10 ? SendMessage.request.encode(values) : shortened(values);
      const found = scanned(passOn({ code, ext }, form));
      // The scan has one value for "none" and for -1.
      const isNone = values.maxReconsumeTimes === -1;
      assert.deepEqual(found, isNone ? { ...values, maxReconsumeTimes: undefined } : values);
    }),
  );
});

test('marks of one header are not taken for those of another', () => {
  fc.assert(
    fc.property(sends, sends, (first, second) => {
      const frames = [first, second].map((values) =>
        passOn({ code: 310, ext: shortened(values) }, Serialization.Json),
      );
      const [one, two] = frames;
      assert.ok(one && two);
      assert.equal(scanned(one).topic, first.topic);
      assert.equal(scanned(two).topic, second.topic);
    }),
  );
});

const LEAST = '"a":"G","b":"T","c":"D","d":"4","e":"0","f":"0","g":"1","h":"0"';

function send(fields: string): Command {
  return decodeFrame(frameOf(0, Buffer.from(`{"code":310,"extFields":{${fields}},"opaque":1}`)));
}

test('unusual but valid headers are read the exact way', () => {
  assert.equal(scanned(send(LEAST)).topic, 'T');
  const spaced = LEAST.replaceAll(',', ' , ').replaceAll(':', ' : ');
  assert.equal(scanned(send(spaced)).topic, 'T');
  assert.equal(scanned(send(LEAST.replace('"T"', '"\\u0054x"'))).topic, 'Tx');
  assert.equal(scanned(send(LEAST.replace('"e":"0"', '"e":"+5"'))).queueId, 5);
  assert.equal(scanned(send(LEAST.replace('"e":"0"', '"e":5'))).queueId, 5);
  assert.equal(scanned(send(`${LEAST},"k":"TRUE","i":null`)).unitMode, true);
  // Half a surrogate pair cannot be stored: it becomes the replacement character, as in Java.
  assert.equal(scanned(send(`${LEAST},"i":"\\ud800"`)).properties, '\ufffd');
  const padded = `${LEAST},${[...Array(60).keys()].map((one) => `"x${one}":"y"`).join()}`;
  assert.equal(scanned(send(padded)).topic, 'T');
});

test('bad and missing fields are refused by name', () => {
  const bad = (fields: string, expected: RegExp): void => {
    assert.throws(() => scanned(send(fields)), { code: 'INVALID_ARGUMENT', message: expected });
  };
  bad(LEAST.replace('"b":"T",', ''), /<b> is null/);
  bad(LEAST.replace('"e":"0"', '"e":"x"'), /e is not an integer/);
  bad(LEAST.replace('"e":"0"', '"e":"2147483648"'), /queueId is not a 32-bit integer/);
  bad(LEAST.replace('"h":"0"', '"h":"99999999999"'), /flag is not a 32-bit integer/);
  bad(`${LEAST},"j":"-2147483649"`, /reconsumeTimes is not a 32-bit integer/);
});

const pulls: fc.Arbitrary<PullMessageRequest> = fc.record(
  {
    consumerGroup: topicName,
    topic: topicName,
    queueId: int32,
    queueOffset: long,
    maxMsgNums: int32,
    sysFlag: int32,
    commitOffset: long,
    suspendTimeoutMillis: long,
    subVersion: long,
    subscription: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    expressionType: fc.constantFrom('TAG', 'SQL92'),
    maxMsgBytes: fc.nat(),
  },
  { noNullPrototype: true },
);

test('pull requests, in both forms', () => {
  const pull = new PullMessageScan();
  fc.assert(
    fc.property(pulls, forms, (values, form) => {
      const ext = PullMessage.request.encode(values);
      pull.scan(passOn({ code: 11, ext }, form));
      const names = Object.keys(values);
      const found = Object.fromEntries(
        Object.entries(pull).filter(([name]) => names.includes(name)),
      );
      assert.deepEqual(found, values);
    }),
  );
  const none = new Map(PullMessage.request.encode({ ...samplePull, subscription: undefined }));
  pull.scan(passOn({ code: 11, ext: none }, Serialization.Json));
  assert.deepEqual([pull.subscription, pull.expressionType, pull.maxMsgBytes], ['', 'TAG', 0]);
  none.delete('queueOffset');
  assert.throws(() => pull.scan(passOn({ code: 11, ext: none }, Serialization.Binary)), {
    code: 'INVALID_ARGUMENT',
    message: /<queueOffset> is null/,
  });
});

const samplePull: PullMessageRequest = {
  consumerGroup: 'G',
  topic: 'T',
  queueId: 0,
  queueOffset: 0,
  maxMsgNums: 32,
  sysFlag: 0,
  commitOffset: 0,
  suspendTimeoutMillis: 0,
  subVersion: 0,
};
