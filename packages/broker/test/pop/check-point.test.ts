/** docs/formats/pop-revive.md: records of a real Apache 5.5.0 store, read and written again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ackKey,
  ackText,
  checkPointKey,
  checkPointText,
  parseAck,
  parseCheckPoint,
} from '../../src/pop/check-point.ts';

const POINTS = [
  [
    '{"bm":0,"bn":"broker-a","c":"GProbe","d":[0],"it":15000,"n":1,"pt":1795355822689,"q":1,' +
      '"reviveTime":1795355837689,"ro":0,"so":0,"sp":false,"t":"T1"}',
    'T1@1@0@GProbe@1795355822689@broker-a@ck',
  ],
  [
    '{"bm":0,"bn":"broker-a","c":"GProbe","d":[0],"it":60000,"n":1,"pt":1795355823864,"q":1,' +
      '"reviveTime":1795355883864,"ro":0,"so":1,"sp":false,"t":"T1"}',
    'T1@1@1@GProbe@1795355823864@broker-a@ck',
  ],
] as const;
const ACK =
  '{"ao":1,"bn":"broker-a","c":"GProbe","pt":1795355823864,"q":1,"so":1,"t":"T1"}' as const;

test('check points come back byte for byte', () => {
  for (const [text, key] of POINTS) {
    const point = parseCheckPoint(text);
    assert.equal(checkPointText(point), text);
    assert.equal(checkPointKey(point), key);
  }
});

test('acknowledgements come back byte for byte', () => {
  const ack = parseAck(ACK);
  assert.equal(ackText(ack), ACK);
  assert.equal(ackKey(ack), 'T1@1@1@GProbe@1795355823864@broker-a@ack');
  const batch = { ...ack, offsets: [1, 4] };
  assert.deepEqual(parseAck(ackText(batch)).offsets, [1, 4]);
  assert.equal(ackKey(batch), 'T1@1@[1, 4]@GProbe@1795355823864@bAck');
});

test('a check point of an old broker lists no offsets', () => {
  const text = POINTS[0][0].replace('"d":[0]', '"d":[]').replace('"n":1', '"n":3');
  assert.deepEqual(parseCheckPoint(text).diffs, [0, 1, 2]);
});
