import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePropertyText, SystemFlag } from '@skylarkmq/message';
import { DeadLetter } from '../../src/dead-letters/dead-letter.ts';
import { DeadLetters } from '../../src/dead-letters/dead-letters.ts';
import { queueFor, resentMessage } from '../../src/dead-letters/resent-message.ts';
import { isSelected } from '../../src/dead-letters/selection.ts';
import { queueIndexByHash } from '../../src/producer/queue-selector.ts';
import { queuesOf, storedMessage } from '../fake/queues.ts';

const QUEUE = { topic: '%DLQ%ns%G', brokerName: 'b', queueId: 0 };
const CONTEXT = { group: 'G', namespace: 'ns', codecs: [] };
const PLAN = {
  group: 'ns%G',
  producerGroup: 'P',
  to: 'original',
  originTopic: 'ns%T',
  messageId: 'NEW',
  nowMs: 7,
} as const;

function letter(properties: Readonly<Record<string, string>> = {}): DeadLetter {
  const all = {
    RETRY_TOPIC: 'ns%T',
    ORIGIN_MESSAGE_ID: 'FIRST',
    UNIQ_KEY: 'OLD',
    KEYS: 'k1 k2',
    TAGS: 'paid',
    DELAY: '0',
    WAIT: 'false',
    CLUSTER: 'c',
    DLQ_GROUP: 'ns%G',
    DLQ_ERROR: 'Error: No Money',
    DLQ_ATTEMPTS: '3',
    DLQ_ORIGIN_BROKER: 'b',
    DLQ_ORIGIN_QUEUE_ID: '2',
    DLQ_ORIGIN_OFFSET: '9',
    mine: 'yes',
    ...properties,
  };
  const sysFlag = SystemFlag.Compressed | SystemFlag.CompressionZlib | SystemFlag.BornHostV6;
  const more = { properties: new Map(Object.entries(all)), sysFlag, storeTimestamp: 100 };
  return new DeadLetter(storedMessage(QUEUE, 5, more), QUEUE, undefined, CONTEXT);
}

test('a letter tells its story, with the names that users know', () => {
  const one = letter();
  assert.equal(one.group, 'G');
  assert.equal(one.topic, '%DLQ%G');
  assert.equal(one.originTopic, 'T');
  assert.equal(one.originMessageId, 'FIRST');
  assert.deepEqual(one.originQueue, { topic: 'T', brokerName: 'b', queueId: 2 });
  assert.equal(one.originOffset, 9);
  assert.equal(one.attempts, 3);
  assert.equal(one.lastFailedMs, 100);
  assert.equal(one.firstFailedMs, undefined);
  assert.equal(one.status, 'open');
});

test('a selection takes the letters that fit all of it', () => {
  const one = letter();
  assert.ok(isSelected(one, {}));
  assert.ok(isSelected(one, { key: 'k2', originTopic: 'T', tags: 'paid', errorText: 'no money' }));
  for (const id of ['OLD', 'FIRST', 'ID5']) assert.ok(isSelected(one, { messageId: id }));
  assert.ok(isSelected(one, { fromMs: 100, toMs: 100, status: ['open'] }));
  assert.ok(!isSelected(one, { fromMs: 101 }));
  assert.ok(!isSelected(one, { toMs: 99 }));
  assert.ok(!isSelected(one, { key: 'k' }));
  assert.ok(!isSelected(one, { status: ['discarded'] }));
  assert.ok(!isSelected(letter({ DLQ_ERROR: '' }), { errorText: 'money' }));
});

test('what is sent again has what users gave and nothing that the platform noted', () => {
  const args = resentMessage(letter(), {}, PLAN);
  assert.equal(args.topic, 'ns%T');
  assert.equal(args.sysFlag, SystemFlag.Compressed | SystemFlag.CompressionZlib);
  assert.deepEqual(Object.fromEntries(decodePropertyText(args.properties)), {
    KEYS: 'k1 k2',
    TAGS: 'paid',
    mine: 'yes',
    DLQ_RESENT_FROM: '%DLQ%ns%G@b@0@5',
    UNIQ_KEY: 'NEW',
    WAIT: 'true',
  });
});

test('an edited letter differs where it was edited; to the group it keeps its origin', () => {
  const properties = { mine: undefined, more: '1' };
  const edit = { body: 'mended', tags: 'x', keys: ['k'], properties };
  const args = resentMessage(letter(), edit, { ...PLAN, to: 'retry' });
  assert.equal(args.topic, '%RETRY%ns%G');
  assert.equal(args.body.toString(), 'mended');
  assert.equal(args.sysFlag, 0);
  const stored = decodePropertyText(args.properties);
  assert.deepEqual(
    [stored.get('TAGS'), stored.get('KEYS'), stored.get('more'), stored.get('mine')],
    ['x', 'k', '1', undefined],
  );
  assert.equal(stored.get('RETRY_TOPIC'), 'ns%T');
  assert.equal(stored.get('ORIGIN_MESSAGE_ID'), 'FIRST');
});

test('a sharding key keeps its queue, others take turns', () => {
  const queues = queuesOf('T', ['b'], 4);
  const keyed = letter({ __SHARDINGKEY: 'order-1' });
  const chosen = queueFor(keyed, queues, queueIndexByHash, 0);
  assert.deepEqual(queueFor(keyed, queues, queueIndexByHash, 3), chosen);
  assert.equal(queueFor(letter(), queues, queueIndexByHash, 5)?.queueId, 1);
  assert.equal(queueFor(letter(), [], queueIndexByHash, 5), undefined);
});

test('options that make no sense are refused', async () => {
  const base = { namesrv: '127.0.0.1:1', group: 'G' };
  assert.throws(() => new DeadLetters({ ...base, by: '' }), { code: 'INVALID_ARGUMENT' });
  assert.throws(() => new DeadLetters({ ...base, group: 'a b' }), { code: 'INVALID_ARGUMENT' });
  await using letters = new DeadLetters(base);
  await assert.rejects(letters.resend([], { perSecond: 0 }).next(), { code: 'INVALID_ARGUMENT' });
  await letters.close();
  await assert.rejects(letters.count(), { code: 'CLOSED' });
});
