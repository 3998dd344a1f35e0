/** Programs of `ali-ons` with another import, against Skylark. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { deferred } from '@skylarkmq/base';
import { Admin } from '@skylarkmq/client';
import {
  type AliOnsConsumerOptions,
  Consumer,
  Message,
  Producer,
} from '@skylarkmq/client/compat/ali-ons';
import { brokerIsKnown } from '../sdk/scenario.ts';
import { type AllInOne, startSkylark } from '../servers/skylark.ts';

const LIMIT_MS = 120_000;

suite('ali-ons', { timeout: LIMIT_MS }, () => {
  let server: AllInOne;
  let producer: Producer;
  const httpclient = {
    request: async (_url: string) => ({ status: 200, data: Buffer.from(server.namesrv) }),
  };
  const onsAddr = 'http://addresses.example/nsaddr';

  before(async () => {
    server = await startSkylark();
    await brokerIsKnown({ namesrv: server.namesrv });
    const admin = new Admin({ namesrv: server.namesrv });
    for (const topic of ['ons', 'ons-retry', 'ons-sql', 'ons-more', 'ons-all']) {
      await admin.createTopic({ topic });
    }
    await admin.close();
    const accessKeyId = 'your-accessKeyId';
    const accessKeySecret = 'your-AccessKeySecret';
    producer = new Producer({
      ...{ httpclient, onsAddr, accessKeyId, accessKeySecret },
      producerGroup: 'ons-producer',
    });
  });
  after(async () => {
    await producer.close();
    await server.stop();
  });

  function consumerOf(consumerGroup: string, more: Partial<AliOnsConsumerOptions> = {}): Consumer {
    const consumeFromWhere = 'CONSUME_FROM_FIRST_OFFSET';
    const consumer = new Consumer({
      httpclient,
      onsAddr,
      consumerGroup,
      consumeFromWhere,
      ...more,
    });
    consumer.on('error', () => {});
    return consumer;
  }

  test('sends, and receives with the place of the message', async () => {
    const consumer = consumerOf('ons-group');
    const received = deferred<Message>();
    consumer.subscribe('ons', 'TagA', async (message, queue) => {
      assert.match(queue.key, /topic="ons"/);
      received.resolve(message);
    });
    const message = new Message('ons', 'TagA', 'Hello ONS');
    message.keys = ['key1'];
    await producer.send(new Message('ons', 'TagB', 'not wanted'));
    const result = await producer.send(message);
    assert.equal(result.sendStatus, 'SEND_OK');
    assert.equal(result.messageQueue.topic, 'ons');
    const { body, keys, msgId, queueOffset, tags } = await received.promise;
    assert.deepEqual(
      { body: body.toString(), keys, msgId, queueOffset, tags },
      {
        ...{ body: 'Hello ONS', keys: 'key1', msgId: result.msgId, tags: 'TagA' },
        queueOffset: result.queueOffset,
      },
    );
    const closed = once(consumer, 'close');
    await consumer.close();
    await closed;
  });

  test('a message comes again after ACTION_RETRY, and after an error', async () => {
    const consumer = consumerOf('ons-retry-group');
    const errors: unknown[] = [];
    consumer.on('error', (error) => errors.push(error));
    const last = deferred<Message>();
    consumer.subscribe('ons-retry', async (message) => {
      if (message.reconsumeTimes === 0) return Consumer.ACTION_RETRY;
      if (message.reconsumeTimes === 1) throw new Error('out of order');
      last.resolve(message);
      return undefined;
    });
    await producer.send(new Message('ons-retry', 'try'));
    const message = await last.promise;
    assert.equal(message.topic, 'ons-retry');
    assert.equal(message.reconsumeTimes, 2);
    assert.match(String(errors[0]), /ons-retry failed .*out of order/);
    await consumer.close();
  });

  test('filters with SQL', async () => {
    const consumer = consumerOf('ons-sql-group');
    const received = deferred<string>();
    const filter = { expressionType: 'SQL92', subString: 'a is not null' };
    consumer.subscribe('ons-sql', filter, async (message) => {
      received.resolve(message.body.toString());
    });
    await producer.send(new Message('ons-sql', 'without'));
    const message = new Message('ons-sql', 'with');
    message.properties['a'] = '1';
    await producer.send(message);
    assert.equal(await received.promise, 'with');
    await consumer.close();
  });

  test('topics may be added while it runs', async () => {
    const consumer = consumerOf('ons-more-group');
    const first = deferred<string>();
    const second = deferred<string>();
    consumer.subscribe('ons', async (message) => first.resolve(message.body.toString()));
    await consumer.ready();
    await first.promise;
    consumer.subscribe('ons-more', async (message) => second.resolve(message.body.toString()));
    assert.throws(() => consumer.subscribe('ons-more', async () => {}), /has a handler already/);
    await producer.send(new Message('ons-more', 'more'));
    assert.equal(await second.promise, 'more');
    await consumer.close();
  });

  test('handlers of a topic run one at a time and in order', async () => {
    const consumer = consumerOf('ons-order-group');
    const count = 40;
    const seen: string[] = [];
    const all = deferred();
    let atOnce = 0;
    consumer.subscribe('ons-all', async (message) => {
      atOnce++;
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(atOnce, 1);
      atOnce--;
      if (seen.push(message.body.toString()) === count) all.resolve();
    });
    for (let index = 0; index < count; index++) {
      const message = new Message('ons-all', String(index));
      message.shardingKey = 'one';
      await producer.send(message);
    }
    await all.promise;
    assert.deepEqual(seen, [...Array(count).keys()].map(String));
    await consumer.close();
  });
});
