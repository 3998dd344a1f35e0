import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sequenced } from '../../src/api/types.ts';
import { parseMessage } from '../../src/live/order-stream.ts';
import { addEvents, EMPTY_TIMELINE, stateAfter } from '../../src/live/timeline.ts';

function event(seq: number, type = 'created'): Sequenced {
  const eventId = `e${seq}`;
  return { seq, event: { eventId, orderId: 'o_1', type, source: 'order', atMs: seq } };
}

test('events are in order and there once, however they come', () => {
  let timeline = addEvents(EMPTY_TIMELINE, [event(2), event(1), event(2)]);
  timeline = addEvents(timeline, [event(1), event(4)]);
  timeline = addEvents(timeline, [event(3)]);
  assert.deepEqual(
    timeline.events.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
  assert.equal(timeline.lastSeq, 4);
  assert.equal(addEvents(timeline, [event(4)]), timeline);
});

test('an event that was announced twice is shown once, and the connection still goes on', () => {
  const twice = { ...event(1), seq: 2 };
  const timeline = addEvents(EMPTY_TIMELINE, [event(1), twice]);
  assert.equal(timeline.events.length, 1);
  assert.equal(timeline.lastSeq, 2);
});

test('the state follows the events, and late ones never take it back', () => {
  const events = ['created', 'step-started', 'confirmed'].map((type, at) => event(at + 1, type));
  assert.equal(stateAfter('created', events), 'awaiting-payment');
  assert.equal(stateAfter('paid', events), 'paid');
  assert.equal(stateAfter('created', [...events, event(4, 'cancelled')]), 'cancelled');
  assert.equal(stateAfter('paid', [event(9, 'unheard-of')]), 'paid');
});

test('messages of the gateway are told apart, and nonsense is dropped', () => {
  assert.deepEqual(parseMessage(JSON.stringify(event(1))), event(1));
  assert.equal(parseMessage('{"ping":1}'), 'ping');
  assert.equal(parseMessage('{"orderId":"o_1","reset":true}'), 'reset');
  for (const nonsense of ['', '{', 'null', '[]', '{"seq":1}', '{"seq":1,"event":{}}']) {
    assert.equal(parseMessage(nonsense), undefined, nonsense);
  }
});
