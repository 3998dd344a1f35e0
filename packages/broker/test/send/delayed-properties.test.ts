import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayLevelOf, delayMessage, wantsTimer } from '../../src/send/delayed-properties.ts';

test('a level sends a message to its queue of the schedule topic', () => {
  const properties = new Map([
    ['DELAY', '3'],
    ['TIMER_DELIVER_MS', '1'],
    ['a', 'b'],
  ]);
  const place = delayMessage(properties, 'T', 5, 18);
  assert.deepEqual(place, { topic: 'SCHEDULE_TOPIC_XXXX', queueId: 2 });
  assert.deepEqual(Object.fromEntries(properties), {
    DELAY: '3',
    a: 'b',
    REAL_TOPIC: 'T',
    REAL_QID: '5',
  });
  const high = new Map([['DELAY', '99']]);
  assert.equal(delayMessage(high, 'T', 0, 18)?.queueId, 17);
  assert.equal(high.get('DELAY'), '18');
});

test('no level above 0 changes nothing', () => {
  for (const level of [undefined, '0', '-1', 'x', '1.5', '']) {
    const properties = new Map(level === undefined ? [] : [['DELAY', level]]);
    const before = new Map(properties);
    assert.equal(delayMessage(properties, 'T', 0, 18), undefined);
    assert.deepEqual(properties, before);
  }
  assert.equal(delayLevelOf(new Map([['DELAY', ' 1']])), Number.NaN);
  assert.equal(delayLevelOf(new Map([['DELAY', '-1']])), -1);
  assert.equal(wantsTimer(new Map([['TIMER_DELAY_MS', '5']])), true);
  assert.equal(wantsTimer(new Map([['DELAY', '5']])), false);
});
