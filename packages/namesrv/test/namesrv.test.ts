import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { GetRouteInfoByTopic, RequestCode } from '@skylarkmq/wire';
import { askWith, registration, routeOf, startNameServer } from './fixture.ts';

test('several name servers run side by side and know nothing of each other', async () => {
  const all = await Promise.all([startNameServer(), startNameServer(), startNameServer()]);
  const [first, second, third] = all;
  assert.ok(first && second && third);
  const broker = first.client();
  for (const one of [first, second]) await askWith(broker, one.address, registration());
  assert.ok(await routeOf(first, 'TopicA'));
  assert.ok(await routeOf(second, 'TopicA'));
  assert.equal(await routeOf(third, 'TopicA'), undefined);
  await first.stop();
  assert.ok((await second.ask({ code: RequestCode.GetAllTopicListFromNameserver })).body);
  await Promise.all([second.stop(), third.stop()]);
});

test('clients are told the host that they reached us by, for brokers that ask for it', async () => {
  const running = await startNameServer({ host: '0.0.0.0' });
  const port = running.address.split(':')[1];
  const auto = { skylarkAdvertise: 'auto', brokerAddr: '127.0.0.1:10911' };
  await running.ask(registration(auto));
  const fixed = { brokerName: 'broker-b', brokerAddr: '10.9.9.9:10911' };
  await running.ask(registration(fixed));
  const addresses = Object.values(networkInterfaces()).flat();
  const hosts = addresses.filter((one) => one?.family === 'IPv4').map((one) => one?.address);
  const client = running.client();
  for (const host of new Set(['127.0.0.1', '127.0.0.2', ...hosts])) {
    const ext = GetRouteInfoByTopic.request.encode({ topic: 'TopicA' });
    const request = { code: GetRouteInfoByTopic.code, ext };
    const answer = await askWith(client, `${host}:${port}`, request);
    const text = answer.body?.toString('utf8') ?? '';
    assert.ok(text.includes(`"${host}:10911"`), text);
    assert.ok(text.includes('"10.9.9.9:10911"'), text);
    const cluster = { code: RequestCode.GetBrokerClusterInfo };
    const info = await askWith(client, `${host}:${port}`, cluster);
    assert.ok(info.body?.toString('utf8').includes(`"${host}:10911"`));
  }
  const slave = registration({ brokerId: 1, brokerAddr: '10.0.0.2:10911' });
  const told = await askWith(client, `127.0.0.2:${port}`, slave);
  assert.equal(told.ext.get('masterAddr'), '127.0.0.2:10911');
  assert.equal(told.ext.get('haServerAddr'), '127.0.0.2:10912');
  await running.stop();
});

test('routes can wait until brokers had time to register', async () => {
  const settings = { needWaitForService: true, waitSecondsForService: 10 };
  const running = await startNameServer({ settings });
  await running.ask(registration());
  const ext = GetRouteInfoByTopic.request.encode({ topic: 'TopicA' });
  const early = await running.ask({ code: GetRouteInfoByTopic.code, ext });
  assert.deepEqual([early.code, early.remark], [1, 'name server not ready']);
  await running.time.advance(10_000);
  assert.ok(await routeOf(running, 'TopicA'));
  await running.stop();
});

test('codes that a name server does not serve are answered so', async () => {
  const running = await startNameServer();
  const answer = await running.ask({ code: 310 });
  assert.deepEqual([answer.code, answer.remark], [3, ' request type 310 not supported']);
  await running.stop();
});
