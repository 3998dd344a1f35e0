import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realScheduler, silentLogger, VirtualTime } from '@skylarkmq/base';
import { RouteTable } from '../../src/route/route-table.ts';
import type { RouteData, TopicRoute } from '../../src/route/topic-route.ts';

function data(perm = 6, address = 'b:1'): RouteData {
  return {
    queueDatas: [{ brokerName: 'b', readQueueNums: 4, writeQueueNums: 4, perm }],
    brokerDatas: [{ brokerName: 'b', cluster: 'c', brokerAddrs: new Map([[0, address]]) }],
  };
}

class Bench {
  readonly time = new VirtualTime(realScheduler);
  readonly known = new Map<string, RouteData>();
  readonly asked: string[] = [];
  readonly changes: TopicRoute[] = [];
  failure: Error | undefined;
  readonly table = new RouteTable({
    clock: this.time,
    logger: silentLogger,
    query: (topic) => {
      this.asked.push(topic);
      if (this.failure !== undefined) return Promise.reject(this.failure);
      return Promise.resolve(this.known.get(topic));
    },
    changed: (route) => this.changes.push(route),
  });
}

test('a known route is not asked for again, an unknown one once at a time', async () => {
  const bench = new Bench();
  bench.known.set('T', data());
  const [one, two] = await Promise.all([bench.table.find('T'), bench.table.find('T')]);
  assert.equal(one, two);
  await bench.table.find('T');
  assert.deepEqual(bench.asked, ['T']);
  assert.equal(bench.table.addressOf('b'), 'b:1');
  assert.equal(bench.table.addressOf('b', 1), undefined);
  assert.equal(bench.table.addressOf('b', 1, true), 'b:1');
});

test('only a change is told', async () => {
  const bench = new Bench();
  bench.known.set('T', data());
  await bench.table.refreshOne('T');
  await bench.table.refreshOne('T');
  assert.equal(bench.changes.length, 1);
  bench.known.set('T', data(6, 'moved:2'));
  await bench.table.refresh();
  assert.equal(bench.changes.length, 2);
  assert.equal(bench.table.addressOf('b'), 'moved:2');
});

test('a failed refresh leaves the last route in place', async () => {
  const bench = new Bench();
  bench.known.set('T', data());
  await bench.table.find('T');
  bench.failure = new Error('no name server');
  await bench.table.refresh();
  assert.equal((await bench.table.find('T'))?.writable.length, 4);
  await assert.rejects(bench.table.require(['Other']), /no name server/);
});

test('a topic that does not exist is sent by the template, for a second at a time', async () => {
  const bench = new Bench();
  bench.known.set('TBW102', data());
  assert.equal((await bench.table.findToSend('New'))?.writable[0]?.topic, 'New');
  assert.equal(bench.table.known('New'), undefined);
  await bench.table.findToSend('New');
  assert.deepEqual(bench.asked, ['New', 'TBW102']);
  assert.equal(bench.table.addressOf('b'), 'b:1');
  await bench.time.advance(1_000);
  bench.known.set('New', data());
  await bench.table.findToSend('New');
  assert.notEqual(bench.table.known('New'), undefined);
});

test('without a template there is no route', async () => {
  const bench = new Bench();
  assert.equal(await bench.table.findToSend('New'), undefined);
  await bench.table.require(['New']);
});

test('a route without a queue to write to is asked for again', async () => {
  const bench = new Bench();
  bench.known.set('T', data(4));
  await bench.table.findToSend('T');
  bench.known.set('T', data(6));
  assert.equal((await bench.table.findToSend('T'))?.writable.length, 4);
});
