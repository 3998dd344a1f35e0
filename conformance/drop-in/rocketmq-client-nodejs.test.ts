/** Programs of `rocketmq-client-nodejs` with another import, against Skylark. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { deferred } from '@skylarkmq/base';
import { Admin } from '@skylarkmq/client';
import {
  ConsumeResult,
  FilterExpression,
  type MessageView,
  Producer,
  PushConsumer,
  SimpleConsumer,
  TransactionResolution,
} from '@skylarkmq/client/compat/rocketmq-client-nodejs';
import { brokerIsKnown } from '../sdk/scenario.ts';
import { type AllInOne, startSkylark } from '../servers/skylark.ts';

const LIMIT_MS = 600_000;
const TOPICS = ['node', 'node-delay', 'node-push', 'node-more', 'node-tx', 'node-late'];

suite('rocketmq-client-nodejs', { timeout: LIMIT_MS }, () => {
  let server: AllInOne;
  let producer: Producer;

  before(async () => {
    server = await startSkylark();
    await brokerIsKnown({ namesrv: server.namesrv });
    const admin = new Admin({ namesrv: server.namesrv });
    for (const topic of TOPICS) await admin.createTopic({ topic });
    await admin.close();
    producer = new Producer({ endpoints: server.namesrv });
    await producer.startup();
  });
  after(async () => {
    await producer.shutdown();
    await server.stop();
  });

  async function consumerOf(topic: string, filter: string): Promise<SimpleConsumer> {
    const consumer = new SimpleConsumer({
      consumerGroup: `${topic}-group`,
      endpoints: server.namesrv,
      subscriptions: new Map([[topic, filter]]),
      awaitDuration: 5_000,
    });
    await consumer.startup();
    return consumer;
  }

  async function receive(consumer: SimpleConsumer): Promise<MessageView> {
    for (;;) {
      const [message] = await consumer.receive(1);
      if (message !== undefined) return message;
    }
  }

  test('sends, receives and acknowledges', async () => {
    const consumer = await consumerOf('node', 'demo');
    await consumer.receive(1, 15_000).then((messages) => assert.deepEqual(messages, []));
    const receipt = await producer.send({
      ...{ topic: 'node', tag: 'demo', keys: ['k1'], properties: new Map([['color', 'red']]) },
      body: Buffer.from('hello'),
    });
    assert.deepEqual([receipt.transactionId, receipt.recallHandle], ['', '']);
    const message = await receive(consumer);
    assert.equal(message.messageId, receipt.messageId);
    assert.equal(message.getBody().toString(), 'hello');
    assert.deepEqual([message.tag, message.keys, message.deliveryAttempt], ['demo', ['k1'], 1]);
    assert.deepEqual(message.properties, new Map([['color', 'red']]));
    assert.notEqual(message.receiptHandle, '');
    await consumer.changeInvisibleDuration(message, 30_000);
    await consumer.ack(message);
    await consumer.shutdown();
  });

  test('takes back what waits for its time', async () => {
    const delay = 60_000;
    const body = Buffer.from('later');
    const receipt = await producer.send({ topic: 'node-delay', delay, body });
    const recalled = await producer.recallMessage('node-delay', receipt.recallHandle);
    assert.equal(recalled.messageId, receipt.messageId);
    await assert.rejects(producer.recallMessage('node-delay', 'nonsense'));
  });

  test('pushes, and again after a failure; topics come and go', async () => {
    const again = deferred<MessageView>();
    const more = deferred<MessageView>();
    const consumer = new PushConsumer({
      ...{ namespace: '', endpoints: server.namesrv, consumerGroup: 'node-push-group' },
      subscriptions: new Map([['node-push', '*']]),
      messageListener: {
        async consume(message: MessageView): Promise<ConsumeResult> {
          if (message.topic === 'node-more') more.resolve(message);
          else if (message.deliveryAttempt === 1) return ConsumeResult.FAILURE;
          else again.resolve(message);
          return ConsumeResult.SUCCESS;
        },
      },
    });
    await consumer.startup();
    await producer.send({ topic: 'node-push', body: Buffer.from('push') });
    assert.equal((await again.promise).body.toString(), 'push');
    await consumer.subscribe('node-more', FilterExpression.SUB_ALL);
    await producer.send({ topic: 'node-more', body: Buffer.from('more') });
    assert.equal((await more.promise).body.toString(), 'more');
    consumer.unsubscribe('node-push');
    await consumer.shutdown();
    assert.equal(consumer.getConsumptionErrorQuantity(), 1);
  });

  test('a transaction is committed, rolled back, or left open', async () => {
    const transactional = new Producer({
      endpoints: server.namesrv,
      checker: {
        check: async () => TransactionResolution.COMMIT,
      },
    });
    await transactional.startup();
    const consumer = await consumerOf('node-tx', '*');
    await consumer.receive(1, 15_000);
    const send = async (text: string) => {
      const transaction = transactional.beginTransaction();
      const message = { topic: 'node-tx', body: Buffer.from(text) };
      const receipt = await transactional.send(message, transaction);
      assert.notEqual(receipt.transactionId, '');
      await assert.rejects(transactional.send(message, transaction), /1 message/);
      return transaction;
    };
    await (await send('rolled back')).rollback();
    await (await send('committed')).commit();
    const message = await receive(consumer);
    assert.equal(message.body.toString(), 'committed');
    await consumer.ack(message);
    await assert.rejects(transactional.beginTransaction().commit(), /not been sent/);
    await send('open');
    // Does not wait for a transaction that nobody ends.
    await transactional.shutdown();
    await consumer.shutdown();
  });

  test('topics that are received come and go', async () => {
    const consumer = await consumerOf('node-late', '*');
    await consumer.subscribe('node', 'demo');
    consumer.unsubscribe('node-late');
    consumer.unsubscribe('node');
    await assert.rejects(consumer.receive(1), { code: 40_000, message: /call subscribe first/ });
    await consumer.shutdown();
  });
});
