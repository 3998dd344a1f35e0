/** Consumer groups: made on demand within limits, kept in Apache's form. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  JsonFile,
  MemoryFileSystem,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import { subscriptionGroup } from '@skylarkmq/wire';
import { type BrokerSettings, DEFAULT_SETTINGS } from '../../src/settings.ts';
import { GroupTable } from '../../src/subscription/group-table.ts';

function start(disk = new MemoryFileSystem(), changes: Partial<BrokerSettings> = {}) {
  const time = new VirtualTime(realScheduler);
  const table = new GroupTable({
    file: new JsonFile(disk, '/config/subscriptionGroup.json'),
    clock: time,
    scheduler: time,
    logger: silentLogger,
    settings: () => ({ ...DEFAULT_SETTINGS, ...changes }),
  });
  table.load();
  return { disk, time, table };
}

test('groups, what is forbidden to them, and the version survive a restart', () => {
  const { disk, table } = start();
  table.put(subscriptionGroup('G', { retryMaxTimes: 3, consumeBroadcastEnable: false }));
  table.setForbidden('G', 'T', 4);
  table.setForbidden('Other', 'T', 4);
  table.setForbidden('Other', 'T', 0);
  const version = table.dataVersion;
  table.close();
  const again = start(disk).table;
  assert.deepEqual(again.get('G'), table.get('G'));
  assert.equal(again.forbidden('G', 'T'), 4);
  assert.equal(again.forbidden('G', 'U'), 0);
  assert.deepEqual([...again.forbiddenTable().keys()], ['G']);
  assert.deepEqual(again.dataVersion, version);
});

test('the system groups are there and may broadcast', () => {
  const { table } = start();
  assert.equal(table.all().size, 8);
  assert.equal(table.get('TOOLS_CONSUMER')?.consumeBroadcastEnable, true);
});

test('find makes a group on demand, get never does', async () => {
  const { disk, table } = start();
  assert.equal(table.get('New'), undefined);
  assert.deepEqual(table.find('New'), subscriptionGroup('New'));
  await table.saved();
  assert.deepEqual(start(disk).table.get('New')?.retryMaxTimes, 16);
});

test('find refuses bad names, the switched-off creation and more than the limit', () => {
  const { table } = start();
  for (const bad of ['', ' ', 'a b', 'a@b', 'x'.repeat(121)]) {
    assert.equal(table.find(bad), undefined);
  }
  const off = start(new MemoryFileSystem(), { autoCreateSubscriptionGroup: false }).table;
  assert.equal(off.find('G'), undefined);
  assert.equal(off.find('CID_RMQ_SYS_X')?.groupName, 'CID_RMQ_SYS_X');
  const full = start(new MemoryFileSystem(), { groupsMax: 9 }).table;
  assert.equal(full.find('First')?.groupName, 'First');
  assert.equal(full.find('Second'), undefined);
  full.delete('First');
  assert.equal(full.find('Second')?.groupName, 'Second');
});

test('deleting takes what is forbidden along', () => {
  const { table } = start();
  table.put(subscriptionGroup('G'));
  table.setForbidden('G', 'T', 4);
  assert.equal(table.delete('G'), true);
  assert.equal(table.delete('G'), false);
  assert.equal(table.forbidden('G', 'T'), 0);
});

test('light groups are always there, and in no file', async () => {
  const { disk, table } = start();
  assert.equal(table.get('%LMQ%reader')?.groupName, '%LMQ%reader');
  assert.equal(table.find('%LMQ%reader')?.consumeEnable, true);
  assert.equal(table.all().has('%LMQ%reader'), false);
  table.close();
  assert.equal(start(disk).table.all().has('%LMQ%reader'), false);
});
