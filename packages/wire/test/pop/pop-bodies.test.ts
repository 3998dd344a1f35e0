/** Bodies and texts of POP: what Apache 5.5.0 writes is written and read back the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonValue, parseFastjson } from '@skylarkmq/base';
import fc from 'fast-check';
import {
  BIT_SET_BITS_MAX,
  decodeAssignmentQuery,
  decodeBatchAckBody,
  decodeBitSet,
  decodeMessageRequestSetting,
  decodeMessageRequestSettings,
  decodeQueueAssignments,
  encodeAssignmentQuery,
  encodeBatchAckBody,
  encodeBitSet,
  encodeMessageRequestSetting,
  encodeMessageRequestSettings,
  encodeQueueAssignments,
  formatPopMessageOffsets,
  formatPopOrderCounts,
  formatPopStartOffsets,
  parsePopMessageOffsets,
  parsePopOrderCounts,
  parsePopStartOffsets,
} from '../../src/index.ts';

const ACKS =
  '{"acks":[{"b":"AQI=","c":"g","it":4,"pt":3,"q":1,"r":"0","rq":2,"so":5,"t":"t"}],' +
  '"brokerName":"b"}';
const QUERY =
  '{"clientId":"c","consumerGroup":"g","messageModel":"CLUSTERING","strategyName":"AVG",' +
  '"topic":"t"}';
const ASSIGNMENTS =
  '{"messageQueueAssignments":[{"messageQueue":{"brokerName":"b","queueId":-1,"topic":"t"},' +
  '"mode":"POP"}]}';
const SETTING = '{"consumerGroup":"g","mode":"POP","popShareQueueNum":8,"topic":"t"}';

function body(text: string): Buffer {
  return Buffer.from(text);
}

function json(bytes: Buffer): JsonValue {
  return parseFastjson(bytes.toString());
}

test('a batch of acknowledgements has the text of Java', () => {
  const acks = decodeBatchAckBody(body(ACKS));
  assert.deepEqual(acks.acks[0]?.offsetDiffs, [0, 9]);
  assert.equal(encodeBatchAckBody(acks).toString(), ACKS);
});

test('the long names of an acknowledgement are read, too', () => {
  const long =
    '{"acks":[{"bitSet":"AQI=","consumerGroup":"g","invisibleTime":4,"popTime":3,"queueId":1,' +
    '"retry":"0","reviveQueueId":2,"startOffset":5,"topic":"t"}],"brokerName":"b"}';
  assert.deepEqual(decodeBatchAckBody(body(long)), decodeBatchAckBody(body(ACKS)));
});

test('a batch with an unknown kind of topic is refused', () => {
  assert.throws(() => decodeBatchAckBody(body(ACKS.replace('"r":"0"', '"r":"9"'))), /not 9/);
});

test('sets of bits come back', () => {
  const bits = fc.uniqueArray(fc.nat({ max: 2000 }), { maxLength: 40 });
  fc.assert(
    fc.property(bits, (set) => {
      const sorted = [...set].sort((one, other) => one - other);
      assert.deepEqual(decodeBitSet(encodeBitSet(set)), sorted);
    }),
  );
  assert.throws(() => encodeBitSet([BIT_SET_BITS_MAX]), /beyond/);
  assert.throws(() => decodeBitSet('A'.repeat(12_000)), /longer/);
});

test('queries and assignments have the text of Java', () => {
  assert.equal(encodeAssignmentQuery(decodeAssignmentQuery(body(QUERY))).toString(), QUERY);
  const assignments = decodeQueueAssignments(body(ASSIGNMENTS));
  assert.equal(encodeQueueAssignments(assignments).toString(), ASSIGNMENTS);
});

test('how a group reads a topic has the text of Java', () => {
  const setting = decodeMessageRequestSetting(body(SETTING));
  assert.equal(encodeMessageRequestSetting(setting).toString(), SETTING);
  const table = new Map([['t', new Map([['g', setting]])]]);
  assert.deepEqual(decodeMessageRequestSettings(json(encodeMessageRequestSettings(table))), [
    setting,
  ]);
  assert.throws(() => decodeMessageRequestSetting(body(SETTING.replace('POP', 'x'))), /not x/);
});

test('offsets beside the messages have the text of Java', () => {
  const starts = '1 3 77;0 4 78';
  assert.equal(formatPopStartOffsets(parsePopStartOffsets(starts)), starts);
  const offsets = '0 3 1,2;2 4 7';
  assert.equal(formatPopMessageOffsets(parsePopMessageOffsets(offsets)), offsets);
  const counts = '0 3 2;0 qo3%9 2';
  assert.equal(formatPopOrderCounts(parsePopOrderCounts(counts)), counts);
  assert.deepEqual(parsePopStartOffsets(undefined), []);
  assert.deepEqual(parsePopOrderCounts(''), []);
});

test('offsets of another form are refused', () => {
  assert.throws(() => parsePopStartOffsets('0 1'), /2 fields instead of 3/);
  assert.throws(() => parsePopStartOffsets('0 x 1'), /"x" is not an integer/);
  assert.throws(() => parsePopMessageOffsets('3 1 1'), /not the kind/);
});
