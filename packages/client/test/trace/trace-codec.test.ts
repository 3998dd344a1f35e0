/** The form of trace records: docs/formats/trace-record.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeTrace, encodeTrace } from '../../src/trace/trace-codec.ts';
import type { TraceRecord } from '../../src/trace/trace-record.ts';

const origin = { timestamp: 1_700_000_000_000, regionId: 'DefaultRegion', group: 'G' };
const words = { topic: 'T', messageId: 'A', tags: 'tag', keys: 'k1 k2' };
const storeHost = '127.0.0.1:10911';

/** What TraceDataEncoder of the Java client 5.5.0 makes of these; | and # for the separators. */
const GOLDEN: readonly (readonly [string, TraceRecord])[] = [
  [
    'Pub|1700000000000|DefaultRegion|G|T|A|tag|k1 k2|127.0.0.1:10911|17|12|0|OFFA|true#',
    {
      type: 'Pub',
      ...origin,
      ...words,
      storeHost,
      bodyBytes: 17,
      costMs: 12,
      kind: 'normal',
      offsetMessageId: 'OFFA',
      success: true,
    },
  ],
  [
    'SubBefore|1700000000000|DefaultRegion|G|REQ|A|3|k1 k2#',
    {
      type: 'SubBefore',
      ...origin,
      requestId: 'REQ',
      messageId: 'A',
      reconsumeTimes: 3,
      keys: 'k1 k2',
    },
  ],
  [
    'SubAfter|REQ|A|12|true|k1 k2|4|1700000000000|G#',
    {
      type: 'SubAfter',
      requestId: 'REQ',
      messageId: 'A',
      costMs: 12,
      success: true,
      keys: 'k1 k2',
      outcome: 'failed',
      timestamp: 1_700_000_000_000,
      group: 'G',
    },
  ],
  [
    'EndTransaction|1700000000000|DefaultRegion|G|T|A|tag|k1 k2|127.0.0.1:10911|0|TX|' +
      'COMMIT_MESSAGE|true#',
    {
      type: 'EndTransaction',
      ...origin,
      ...words,
      storeHost,
      kind: 'normal',
      transactionId: 'TX',
      state: 'COMMIT_MESSAGE',
      fromCheck: true,
    },
  ],
  [
    'Recall|1700000000000|DefaultRegion|G|T|A|true#',
    { type: 'Recall', ...origin, topic: 'T', messageId: 'A', success: true },
  ],
];

function official(text: string): string {
  return text.replaceAll('|', '\u0001').replaceAll('#', '\u0002');
}

test('records are written and read as the Java client writes them', () => {
  for (const [text, record] of GOLDEN) {
    assert.equal(encodeTrace(record), official(text));
    assert.deepEqual(decodeTrace(official(text)), [record]);
  }
  const all = GOLDEN.map(([text]) => text).join('');
  assert.deepEqual(
    decodeTrace(Buffer.from(official(all))),
    GOLDEN.map(([, record]) => record),
  );
});

test('what is not there is written as null, and read as absent', () => {
  const [text = '', record] = GOLDEN[1] ?? [];
  assert.ok(record !== undefined);
  const without: TraceRecord = {
    ...record,
    type: 'SubBefore',
    ...origin,
    keys: undefined,
    requestId: 'REQ',
    messageId: 'A',
    reconsumeTimes: 3,
  };
  assert.equal(encodeTrace(without), official(text.replace('k1 k2', 'null')));
  assert.deepEqual(decodeTrace(encodeTrace(without)), [without]);
});

test('records of older and other clients are read', () => {
  const [short] = decodeTrace(official('Pub|1|R|G|T|A|t|k|h|17|12|3|true#'));
  assert.ok(short?.type === 'Pub');
  assert.deepEqual([short.success, short.offsetMessageId, short.kind], [true, '', 'delay']);
  const [withHost] = decodeTrace(official('Pub|1|R|G|T|A|t|k|h|17|12|0|O|false|1.2.3.4#'));
  assert.ok(withHost?.type === 'Pub');
  assert.deepEqual([withHost.success, withHost.clientHost], [false, '1.2.3.4']);
  const [cloud] = decodeTrace(official('SubAfter|REQ|B|12|true|k1 k2|4|#'));
  assert.ok(cloud?.type === 'SubAfter');
  assert.deepEqual([cloud.outcome, cloud.timestamp, cloud.group], ['failed', undefined, undefined]);
  const [old] = decodeTrace(official('SubAfter|REQ|B|12|true#'));
  assert.ok(old?.type === 'SubAfter');
  assert.equal(old.outcome, 'success');
  assert.deepEqual(decodeTrace(official('Future|1|2#Pub|1#')), []);
});

test('any text is read without an error, any record survives', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  const how = { seed, numRuns: 300 };
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      decodeTrace(text);
    }),
    how,
  );
  const word = fc.stringMatching(/^[a-zA-Z0-9 :.-]{1,20}$/).filter((one) => one !== 'null');
  fc.assert(
    fc.property(word, word, fc.nat(), fc.boolean(), (group, id, costMs, success) => {
      const record: TraceRecord = {
        type: 'SubAfter',
        requestId: id,
        messageId: id,
        costMs,
        success,
        keys: undefined,
        outcome: success ? 'success' : 'exception',
        timestamp: costMs,
        group,
      };
      assert.deepEqual(decodeTrace(encodeTrace(record)), [record], `SEED=${seed}`);
    }),
    how,
  );
});

test('separators inside of values do not break a record', () => {
  const [, record] = GOLDEN[4] ?? [];
  assert.ok(record?.type === 'Recall');
  const text = encodeTrace({ ...record, group: 'a\u0001b\u0002c' });
  assert.deepEqual(decodeTrace(text), [{ ...record, group: 'a b c' }]);
});
