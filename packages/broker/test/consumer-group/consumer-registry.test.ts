/** Members of consumer groups come and go, and the others hear of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotifyConsumerIdsChanged, RequestCode, subscriptionGroup } from '@skylarkmq/wire';
import { type Domains, startDomains, type TestClient } from '../domains.ts';
import { type HeartbeatParts, heartbeat } from '../heartbeats.ts';

const CONSUMERS = { G: ['T'] };

async function beat(client: TestClient, id: string, parts: HeartbeatParts = {}): Promise<void> {
  const answer = await client.ask(heartbeat(id, { consumers: CONSUMERS, ...parts }));
  assert.equal(answer.code, 0);
}

/** Fails when the broker told a client anything since; a request to ourselves orders it. */
async function toldExactly(broker: Domains, client: TestClient, count: number): Promise<void> {
  await broker.time.advance(0);
  await client.ask({ code: RequestCode.CheckClientConfig });
  assert.equal(client.told.length, count);
}

test('all members hear when one comes, leaves, or loses its connection', async () => {
  const broker = await startDomains();
  const [a, b, c] = [broker.client(), broker.client(), broker.client()];
  await beat(a, 'a');
  await a.toldAtLeast(1);
  await beat(b, 'b');
  await Promise.all([a.toldAtLeast(2), b.toldAtLeast(1)]);
  await beat(c, 'c');
  await Promise.all([a.toldAtLeast(3), b.toldAtLeast(2), c.toldAtLeast(1)]);
  const [notice] = a.told;
  assert.equal(notice?.code, NotifyConsumerIdsChanged.code);
  assert.equal(notice?.isOneway, true);
  assert.equal(notice?.ext.get('consumerGroup'), 'G');
  assert.deepEqual(broker.consumers.clientIds('G').sort(), ['a', 'b', 'c']);
  const ext = new Map([
    ['clientID', 'b'],
    ['consumerGroup', 'G'],
  ]);
  await b.ask({ code: RequestCode.UnregisterClient, ext });
  await Promise.all([a.toldAtLeast(4), c.toldAtLeast(2)]);
  await c.close();
  await a.toldAtLeast(5);
  assert.deepEqual(broker.consumers.clientIds('G'), ['a']);
  await broker.close();
});

test('nobody is told of a plain heartbeat, nor of another tag of the same topics', async () => {
  const broker = await startDomains();
  const a = broker.client();
  await beat(a, 'a');
  await a.toldAtLeast(1);
  await beat(a, 'a');
  await beat(a, 'a', { subVersion: 2, tag: 'X' });
  await toldExactly(broker, a, 1);
  assert.equal(broker.consumers.subscription('G', 'T')?.subString, 'X');
  await beat(a, 'a', { subVersion: 1, tag: 'Old' });
  assert.equal(broker.consumers.subscription('G', 'T')?.subString, 'X');
  await broker.close();
});

test('topics that come and go are told; those not named any more are gone', async () => {
  const broker = await startDomains();
  const a = broker.client();
  await beat(a, 'a');
  await a.toldAtLeast(1);
  await beat(a, 'a', { consumers: { G: ['T', 'U'] } });
  await a.toldAtLeast(2);
  assert.deepEqual(broker.consumers.groupsOf('U'), ['G']);
  await beat(a, 'a', { consumers: { G: ['U'] } });
  await a.toldAtLeast(3);
  assert.equal(broker.consumers.subscription('G', 'T'), undefined);
  await broker.close();
});

test('broadcasting groups and those that do not want it are not told', async () => {
  const broker = await startDomains();
  broker.groups.put(subscriptionGroup('Quiet', { notifyConsumerIdsChangedEnable: false }));
  const [a, b] = [broker.client(), broker.client()];
  await beat(a, 'a', { messageModel: 'BROADCASTING' });
  await beat(b, 'b', { consumers: { Quiet: ['T'] } });
  await toldExactly(broker, a, 0);
  await toldExactly(broker, b, 0);
  broker.change({ notifyConsumerIdsChangedEnable: false });
  await beat(b, 'b', { consumers: { Loud: ['T'] } });
  await toldExactly(broker, b, 0);
  assert.equal(broker.consumers.isBroadcasting('G'), true);
  await broker.close();
});

test('a silent member is forgotten after two minutes and its connection closed', async () => {
  const broker = await startDomains();
  const [a, b] = [broker.client(), broker.client()];
  await beat(a, 'a');
  await beat(b, 'b');
  await b.toldAtLeast(1);
  await broker.time.advance(110_000);
  await beat(a, 'a');
  const before = a.told.length;
  await broker.time.advance(20_000);
  assert.deepEqual(broker.consumers.clientIds('G'), ['a']);
  await a.toldAtLeast(before + 1);
  assert.equal(broker.server.connectionCount, 1);
  await broker.close();
});

test('one connection is one client, and a client with two connections counts once', async () => {
  const broker = await startDomains();
  const [a, again] = [broker.client(), broker.client()];
  await beat(a, 'old');
  await beat(a, 'new');
  await beat(again, 'new');
  assert.deepEqual(broker.consumers.clientIds('G'), ['new']);
  assert.equal(broker.consumers.group('G')?.clients.size, 2);
  await broker.close();
});

test('a group without members is gone', async () => {
  const broker = await startDomains();
  const a = broker.client();
  await beat(a, 'a');
  assert.equal([...broker.consumers.groups()].length, 1);
  const closed = new Promise<void>((resolve) => broker.server.onConnectionClose(() => resolve()));
  await a.close();
  await closed;
  assert.equal(broker.consumers.group('G'), undefined);
  assert.equal(broker.consumers.isOnline('G'), false);
  assert.equal(broker.consumers.subscription('G', 'T'), undefined);
  await broker.close();
});
