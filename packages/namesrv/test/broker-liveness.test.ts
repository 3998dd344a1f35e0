import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerHeartbeat, QueryDataVersion, RequestCode } from '@skylarkmq/wire';
import { askWith, registration, routeOf, startNameServer } from './fixture.ts';

const identity = {
  clusterName: 'DefaultCluster',
  brokerName: 'broker-a',
  brokerAddr: '10.0.0.1:10911',
};

test('a silent broker is dropped after its time-out, one that sends heartbeats stays', async () => {
  const running = await startNameServer();
  const broker = running.client();
  const ask = (code: number, ext?: ReadonlyMap<string, string>) =>
    askWith(broker, running.address, { code, ext });
  await askWith(broker, running.address, registration({ heartbeatTimeoutMillis: 40_000 }));
  for (let beat = 0; beat < 8; beat++) {
    await running.time.advance(30_000);
    await ask(BrokerHeartbeat.code, BrokerHeartbeat.request.encode(identity));
  }
  assert.ok(running.server.knowsBroker('broker-a'));
  await running.time.advance(30_000);
  const version = QueryDataVersion.request.encode({ ...identity, brokerId: 0 });
  await ask(QueryDataVersion.code, version);
  await running.time.advance(30_000);
  assert.ok(running.server.knowsBroker('broker-a'), 'asking for the version is a sign of life');
  await ask(RequestCode.GetBrokerClusterInfo);
  await running.time.advance(16_000);
  assert.ok(!running.server.knowsBroker('broker-a'), 'other requests are none');
  assert.equal(await routeOf(running, 'TopicA'), undefined);
  await running.stop();
});

test('heartbeats of an unknown broker succeed and change nothing', async () => {
  const running = await startNameServer();
  const ext = BrokerHeartbeat.request.encode(identity);
  assert.equal((await running.ask({ code: BrokerHeartbeat.code, ext })).code, 0);
  assert.ok(!running.server.knowsBroker('broker-a'));
  await running.stop();
});

test('all brokers of a connection go when it closes, others stay', async () => {
  const running = await startNameServer();
  const container = running.client();
  const second = { brokerName: 'broker-b', brokerAddr: '10.0.0.1:20911' };
  await askWith(container, running.address, registration());
  await askWith(container, running.address, registration(second));
  const third = { brokerName: 'broker-c', brokerAddr: '10.0.0.3:10911' };
  await running.ask(registration(third));
  await container.close();
  while (running.server.knowsBroker('broker-a')) await running.time.advance(0);
  assert.ok(!running.server.knowsBroker('broker-b'));
  assert.ok(running.server.knowsBroker('broker-c'));
  await running.stop();
});

test('a broker that came back over a new connection survives the end of the old one', async () => {
  const running = await startNameServer();
  const old = running.client();
  const fresh = running.client();
  await askWith(old, running.address, registration());
  await askWith(fresh, running.address, registration());
  await old.close();
  while (running.server.connectionCount > 1) await running.time.advance(0);
  assert.ok(running.server.knowsBroker('broker-a'));
  await running.stop();
});
