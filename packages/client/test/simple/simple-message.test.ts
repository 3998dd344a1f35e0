import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { Held } from '../../src/simple/held.ts';
import { SimpleConsumer } from '../../src/simple/simple-consumer.ts';
import { SimpleMessage } from '../../src/simple/simple-message.ts';
import { FakePopNetwork, popped } from '../fake/pop-lab.ts';

function message(network: FakePopNetwork): SimpleMessage {
  const held = new Held(popped('a', 3, { reconsumeTimes: 2 }), network);
  return new SimpleMessage(held, 'T', [], {
    ack: (one) => one.ack(),
    changeInvisible: (one, invisibleMs) => one.changeInvisible(invisibleMs),
  });
}

test('a message says how often it came and until when it is held', () => {
  const one = message(new FakePopNetwork());
  assert.equal(one.deliveryAttempt, 3);
  assert.equal(one.invisibleUntilMs, 30_000);
  assert.equal(one.receipt, '3 0 30000 1 0 a 0 3');
  assert.equal(one.acked, false);
});

test('requests of one message follow each other, none follows the acknowledgement', async () => {
  const network = new FakePopNetwork();
  const order: string[] = [];
  network.changeInvisible = async (one, invisibleMs) => {
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`change ${invisibleMs}`);
    one.handle = { ...one.handle, popTime: 5 };
  };
  network.ack = async (one) => {
    order.push(`ack ${one.handle.popTime}`);
  };
  const one = message(network);
  await Promise.all([one.changeInvisible(100), one.ack(), one.ack(), one.changeInvisible(200)]);
  assert.deepEqual(order, ['change 100', 'ack 5']);
  assert.equal(one.acked, true);
});

test('a failed acknowledgement is told and may be tried again', async () => {
  const network = new FakePopNetwork();
  const { ack } = network;
  network.ack = () => Promise.reject(new MqError(MqErrorCode.Timeout, 'late'));
  const one = message(network);
  await assert.rejects(one.ack(), { code: 'TIMEOUT' });
  assert.equal(one.acked, false);
  network.ack = ack;
  await one.ack();
  assert.equal(network.acked.length, 1);
});

test('options are checked', () => {
  const wrong = [
    { invisibleMs: 0 },
    { awaitMs: -1 },
    { batchSize: 33 },
    { serialization: 'binary' as const },
  ];
  for (const more of wrong) {
    const options = { namesrv: '127.0.0.1:1', group: 'G', subscriptions: 'T', ...more };
    const [name = ''] = Object.keys(more);
    assert.throws(() => new SimpleConsumer(options), {
      code: 'INVALID_ARGUMENT',
      message: new RegExp(`Option ${name} must be`),
    });
  }
});
