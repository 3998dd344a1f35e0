import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { Consumer, Message, Producer } from '@skylarkmq/client/compat/ali-ons';
import { fromReceived, toOutgoing } from '../../../src/compat/ali-ons/message.ts';
import { clientOptions } from '../../../src/compat/ali-ons/options.ts';
import { ReceivedMessage } from '../../../src/consumer/received-message.ts';

suite('a message of ali-ons', () => {
  test('has two forms', () => {
    const long = new Message('t', 'TagA', 'body');
    assert.equal(long.tags, 'TagA');
    assert.deepEqual(long.body, Buffer.from('body'));
    const short = new Message('t', Buffer.from('body'));
    assert.equal(short.tags, undefined);
    assert.deepEqual(short.body, Buffer.from('body'));
  });

  test('is sent with all that was set', () => {
    const message = new Message('t', 'TagA', 'body');
    message.keys = ['k1', 'k2'];
    message.delayTimeLevel = 3;
    message.shardingKey = 'order-1';
    message.waitStoreMsgOK = false;
    message.buyerId = '7';
    message.flag = 9;
    message.properties['color'] = 'red';
    assert.equal(message.keys, 'k1 k2');
    assert.deepEqual(toOutgoing(message), {
      topic: 't',
      body: Buffer.from('body'),
      flag: 9,
      properties: new Map([['color', 'red']]),
      waitForStore: false,
      tags: 'TagA',
      keys: 'k1 k2',
      shardingKey: 'order-1',
      delayLevel: 3,
    });
  });

  test('is sent plainly when nothing was set, or at its time', () => {
    const message = new Message('t', 'body');
    const plain = { topic: 't', body: Buffer.from('body'), flag: 0, properties: new Map() };
    assert.deepEqual(toOutgoing(message), { ...plain, waitForStore: true });
    message.setStartDeliverTime(1_234);
    assert.equal(message.getStartDeliverTime(), 1_234);
    assert.deepEqual(toOutgoing(message), { ...plain, waitForStore: true, deliverAt: 1_234 });
  });

  test('that was received has what the broker knows, and can be sent on', () => {
    const properties = new Map([
      ['TAGS', 'TagA'],
      ['UNIQ_KEY', 'U'],
      ['__SHARDINGKEY', 's'],
      ['color', 'red'],
    ]);
    const stored = {
      ...{ topic: '%RETRY%g', queueId: 1, queueOffset: 5, physicalOffset: 77, flag: 0, sysFlag: 0 },
      ...{ bornTimestamp: 1, bornHost: '1.1.1.1:1', storeTimestamp: 2, storeHost: '2.2.2.2:2' },
      ...{ reconsumeTimes: 2, preparedTransactionOffset: 0, body: Buffer.from('b'), bodyCrc: 3 },
      ...{ properties, storeSize: 99, offsetMessageId: 'O' },
    };
    const queue = { topic: '%RETRY%g', brokerName: 'b', queueId: 1 };
    const message = fromReceived(new ReceivedMessage(stored, queue, 2, 't', []));
    const { body, commitLogOffset, msgId, queueOffset, reconsumeTimes, tags, topic } = message;
    assert.deepEqual(
      { body, commitLogOffset, msgId, queueOffset, reconsumeTimes, tags, topic },
      {
        ...{ body: Buffer.from('b'), commitLogOffset: 77, msgId: 'O', queueOffset: 5 },
        ...{ reconsumeTimes: 2, tags: 'TagA', topic: 't' },
      },
    );
    const again = toOutgoing(message);
    assert.deepEqual(again.properties, new Map([['color', 'red']]));
    assert.equal(again.shardingKey, 's');
  });
});

suite('the options of ali-ons', () => {
  test('become ours', async () => {
    const options = await clientOptions({
      ...{ nameSrv: 'a:1', accessKeyId: 'id', accessKeySecret: 'secret', namespace: 'ns' },
      ...{ instanceName: 'DEFAULT', heartbeatBrokerInterval: 1_000, clientIP: '1.2.3.4' },
    });
    assert.deepEqual(options, {
      namesrv: 'a:1',
      credentials: { accessKey: 'id', secretKey: 'secret' },
      namespace: 'ns',
      clientIp: '1.2.3.4',
      heartbeatMs: 1_000,
    });
  });

  test('a page can list the name servers', async () => {
    const urls: string[] = [];
    const httpclient = {
      request: async (url: string) => {
        urls.push(url);
        return { status: 200, data: Buffer.from('a:1;b:2\n') };
      },
    };
    const onsAddr = 'http://where.example/nsaddr';
    assert.equal((await clientOptions({ onsAddr, httpclient })).namesrv, 'a:1;b:2');
    await clientOptions({ onsAddr, httpclient, unitName: 'u1' });
    assert.deepEqual(urls, [onsAddr, `${onsAddr}-u1?nofix=1`]);
    const broken = { request: async () => ({ status: 404, data: '' }) };
    await assert.rejects(clientOptions({ onsAddr, httpclient: broken }), {
      message: /check onsAddr/,
    });
    await assert.rejects(clientOptions({ onsAddr }), { message: /together with httpclient/ });
  });

  test('mistakes are told at once', () => {
    assert.throws(() => new Consumer({ nameSrv: 'a:1', consumerGroup: '' }), {
      message: /consumerGroup is required/,
    });
    const options = { nameSrv: 'a:1', consumerGroup: 'g', parallelConsumeLimit: 33 };
    assert.throws(() => new Consumer(options), { message: /at most pullBatchSize/ });
  });
});

suite('a producer of ali-ons', () => {
  test('that cannot start tells whoever waits, and else by an event', async () => {
    const waited = new Producer({ nameSrv: '127.0.0.1:1', connectTimeout: 500 });
    await assert.rejects(waited.ready(), { code: 'CONNECT' });
    assert.equal(waited.isReady, false);
    await assert.rejects(waited.send(new Message('t', 'body')), { code: 'CONNECT' });
    await waited.close();
    const silent = new Producer({ producerGroup: 'g', namespace: 'ns' });
    const [error]: unknown[] = await once(silent, 'error');
    assert.match(String(error), /nameSrv/);
    assert.equal(silent.producerGroup, 'ns%g');
  });
});
