import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { suite, test } from 'node:test';
import { MqError, MqErrorCode } from '@skylarkmq/client';
import {
  BadRequestException,
  ClientException,
  ConsumeResult,
  ConsumeResultSuspend,
  FilterExpression,
  FilterType,
  InternalErrorException,
  Message,
  NotFoundException,
  Producer,
  PushConsumer,
  SimpleConsumer,
} from '@skylarkmq/client/compat/rocketmq-client-nodejs';
import { toException } from '../../../src/compat/rocketmq-client-nodejs/exceptions.ts';
import { toSubscriptions } from '../../../src/compat/rocketmq-client-nodejs/filter-expression.ts';
import { toOutgoing } from '../../../src/compat/rocketmq-client-nodejs/message.ts';

const body = Buffer.from('body');

suite('a message of rocketmq-client-nodejs', () => {
  test('becomes ours', () => {
    const properties = new Map([['color', 'red']]);
    assert.deepEqual(toOutgoing(new Message({ topic: 't', body, tag: 'a' }), false), {
      ...{ topic: 't', body, tags: 'a' },
    });
    assert.deepEqual(
      toOutgoing({ topic: 't', body, tag: 'a', keys: ['k'], properties, messageGroup: 'g' }, false),
      { topic: 't', body, tags: 'a', keys: ['k'], properties, shardingKey: 'g' },
    );
    assert.deepEqual(toOutgoing({ topic: 't', body, delay: 10 }, false).delayMs, 10);
    const at = new Date(1_000);
    const timed = toOutgoing({ topic: 't', body, delay: 10, deliveryTimestamp: at }, false);
    assert.deepEqual(timed, { topic: 't', body, deliverAt: at });
  });

  test('that cannot be says why', () => {
    const fifo = { topic: 't', body, messageGroup: 'g' };
    assert.throws(() => toOutgoing({ ...fifo, delay: 1 }, false), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => toOutgoing(fifo, true), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => toOutgoing({ topic: 't', body, priority: 1 }, false), {
      code: 'UNSUPPORTED',
    });
    assert.throws(() => toOutgoing({ topic: 't', body, liteTopic: 'l' }, false), {
      message: /liteTopic/,
    });
  });
});

test('filters become subscriptions', () => {
  const filters = new Map<string, string | FilterExpression>([
    ['a', 'x || y'],
    ['b', FilterExpression.SUB_ALL],
    ['c', new FilterExpression('n > 1', FilterType.SQL)],
  ]);
  assert.deepEqual(toSubscriptions(filters), [
    { topic: 'a', tags: 'x || y' },
    { topic: 'b', tags: '*' },
    { topic: 'c', sql: 'n > 1' },
  ]);
  assert.ok(new FilterExpression('*').equals(FilterExpression.SUB_ALL));
});

test('results of listeners have names', () => {
  assert.equal(String(ConsumeResult.SUCCESS), 'SUCCESS');
  assert.equal(ConsumeResultSuspend.of(50).suspendTimeMs, 50);
  assert.throws(() => ConsumeResultSuspend.of(49), { message: /50 at least/ });
});

test('errors become exceptions with codes', () => {
  const exception = toException(new MqError(MqErrorCode.NoRoute, 'no topic'));
  assert.ok(exception instanceof NotFoundException && exception instanceof ClientException);
  assert.equal(exception.code, 40_402);
  assert.equal(exception.name, 'NotFoundException');
  assert.ok(exception.cause instanceof MqError);
  assert.ok(toException(new Error('odd')) instanceof InternalErrorException);
  assert.equal(toException(exception), exception);
});

suite('endpoints', () => {
  test('must be host and port', () => {
    assert.throws(() => new Producer({ endpoints: 'example.com' }), { message: /9876 by default/ });
  });

  test('that are those of something else are told apart', async () => {
    // Answers as gRPC servers do: with the frame of HTTP/2 settings.
    const proxy = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(Buffer.from('000000040000000000', 'hex'));
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const address = proxy.address();
    assert.ok(typeof address === 'object' && address !== null);
    const endpoints = `127.0.0.1:${address.port}`;
    const producer = new Producer({ endpoints, requestTimeout: 1_000 });
    await assert.rejects(producer.startup(), { message: /not of the gRPC proxy \(8081\)/ });
    await producer.shutdown();
    proxy.close();
  });
});

test('nothing works before the start', async () => {
  const endpoints = '127.0.0.1:1';
  const producer = new Producer({ endpoints });
  assert.equal(producer.isRunning(), false);
  await assert.rejects(producer.send({ topic: 't', body }), { message: /startup/ });
  assert.throws(() => producer.beginTransaction(), { message: /checker/ });
  const subscriptions = new Map<string, string>();
  const consumer = new SimpleConsumer({ endpoints, consumerGroup: 'g', subscriptions });
  await assert.rejects(consumer.receive(), { message: /startup/ });
  assert.throws(() => new Producer({ endpoints, requestTimeout: 1 }), RangeError);
  const messageListener = { consume: () => ConsumeResult.SUCCESS };
  const push = new PushConsumer({ endpoints, consumerGroup: 'g', subscriptions, messageListener });
  assert.equal(push.getConsumerGroup(), 'g');
  assert.ok(new BadRequestException(40_000, 'text', 'id').message.includes('request-id=id'));
});
