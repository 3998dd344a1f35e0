import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propertyMap } from '@skylarkmq/testkit';
import fc from 'fast-check';
import { decodeProperties, encodeProperties, PropertyName, PropertyScan } from '../src/index.ts';

/** Which fields of a scan belong to which property. */
const FIELDS = [
  [PropertyName.Tags, 'tagsStart', 'tagsEnd'],
  [PropertyName.Keys, 'keysStart', 'keysEnd'],
  [PropertyName.UniqueKey, 'uniqKeyStart', 'uniqKeyEnd'],
  [PropertyName.DelayLevel, 'delayStart', 'delayEnd'],
  [PropertyName.Wait, 'waitStart', 'waitEnd'],
  [PropertyName.TransactionPrepared, 'tranMsgStart', 'tranMsgEnd'],
  [PropertyName.TimerDelaySeconds, 'timerDelaySecStart', 'timerDelaySecEnd'],
  [PropertyName.TimerDelayMs, 'timerDelayMsStart', 'timerDelayMsEnd'],
  [PropertyName.TimerDeliverMs, 'timerDeliverMsStart', 'timerDeliverMsEnd'],
  [PropertyName.InnerNumber, 'innerNumStart', 'innerNumEnd'],
  [PropertyName.InnerBase, 'innerBaseStart', 'innerBaseEnd'],
  [PropertyName.InnerMultiDispatch, 'innerMultiDispatchStart', 'innerMultiDispatchEnd'],
  [PropertyName.RetryTopic, 'retryTopicStart', 'retryTopicEnd'],
  [PropertyName.ShardingKey, 'shardingKeyStart', 'shardingKeyEnd'],
  [PropertyName.MessageType, 'msgTypeStart', 'msgTypeEnd'],
  [PropertyName.PopCheckpoint, 'popCkStart', 'popCkEnd'],
  [PropertyName.Crc32, 'crc32Start', 'crc32End'],
] as const;

test('finds what decoding finds, in any order and around other bytes', () => {
  const scan = new PropertyScan();
  fc.assert(
    fc.property(propertyMap, fc.boolean(), (properties, terminated) => {
      const bytes = encodeProperties(properties);
      const end = terminated || bytes.length === 0 ? bytes.length : bytes.length - 1;
      const buffer = Buffer.concat([Buffer.from('TAGS\u0001'), bytes, Buffer.from('KEYS\u0001x')]);
      scan.scan(buffer, 5, 5 + end);
      const expected = decodeProperties(bytes);
      for (const [name, startField, endField] of FIELDS) {
        const start = scan[startField];
        const found = start < 0 ? undefined : buffer.toString('utf8', start, scan[endField]);
        assert.equal(found, expected.get(name), name);
      }
      assert.equal(scan.malformed, false);
      assert.equal(scan.terminated, end === bytes.length);
    }),
    { numRuns: 500 },
  );
});

test('a pair without a separator is malformed, one with an empty half is not there', () => {
  const scan = new PropertyScan();
  const scanText = (text: string): void => scan.scan(Buffer.from(text), 0, Buffer.byteLength(text));
  scanText('TAGS\u0002');
  assert.equal(scan.malformed, true);
  scanText('TAGS\u0001\u0002\u0001KEYS\u0002');
  assert.equal(scan.malformed, false);
  assert.equal(scan.tagsStart, -1);
  assert.equal(scan.keysStart, -1);
  scanText('WAIT\u0001a\u0001b\u0002');
  assert.equal(scan.waitEnd - scan.waitStart, 3);
  scanText('');
  assert.equal(scan.waitStart, -1);
  assert.equal(scan.terminated, true);
});

test('special says whether a message leaves the straight path', () => {
  const scan = new PropertyScan();
  const isSpecial = (name: string): boolean => {
    const bytes = encodeProperties([[name, '1']]);
    scan.scan(bytes, 0, bytes.length);
    return scan.special;
  };
  for (const name of ['TAGS', 'KEYS', 'UNIQ_KEY', 'WAIT', 'user']) {
    assert.equal(isSpecial(name), false, name);
  }
  for (const name of ['DELAY', 'TRAN_MSG', 'TIMER_DELAY_MS', 'INNER_NUM', 'POP_CK', '__CRC32#']) {
    assert.equal(isSpecial(name), true, name);
  }
});
