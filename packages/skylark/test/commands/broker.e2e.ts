import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Admin, Producer } from '@skylarkmq/client';
import { runSkylark, Skylark, TemporaryFolder } from '../run-skylark.ts';

/** The file that Apache RocketMQ ships, with its licence's comment lines. */
const APACHE_BROKER_CONF = `# Licensed to the Apache Software Foundation (ASF) under one or more
#  contributor license agreements.

brokerClusterName = DefaultCluster
brokerName = broker-a
brokerId = 0
deleteWhen = 04
fileReservedTime = 48
brokerRole = ASYNC_MASTER
flushDiskType = ASYNC_FLUSH
`;

test("a broker starts from Apache's broker.conf as it is and registers", async () => {
  using folder = new TemporaryFolder();
  writeFileSync(join(folder.path, 'broker.conf'), APACHE_BROKER_CONF);
  await using namesrv = new Skylark(['namesrv', '-p', '0', '--json'], folder.path);
  const { namesrv: address } = await namesrv.ready();
  const args = ['broker', '-c', 'broker.conf', '-n', address, '-p', '0', '--json'];
  await using broker = new Skylark(args, folder.path, { HOME: folder.path });
  const ready = await broker.ready();
  assert.equal(ready.flush, 'async');
  assert.equal(ready.data, join(folder.path, 'store'));
  assert.equal(ready.namesrv, address);
  await using admin = new Admin({ namesrv: address, requestTimeoutMs: 60_000 });
  const brokers = await admin.brokers();
  assert.deepEqual(
    brokers.map(({ brokerName, cluster }) => [brokerName, cluster]),
    [['broker-a', 'DefaultCluster']],
  );
  await using producer = new Producer({ namesrv: address, sendTimeoutMs: 60_000 });
  assert.equal((await producer.send({ topic: 'conf', body: 'x' })).status, 'ok');
  assert.equal((await broker.stop()).code, 0);
  assert.equal((await namesrv.stop()).code, 0);
  assert.ok(existsSync(join(folder.path, 'store/commitlog/00000000000000000000')));
});

test('keys of the file count; flags and the environment come before them', async () => {
  using folder = new TemporaryFolder();
  await using namesrv = new Skylark(['namesrv', '-p', '0', '--json'], folder.path);
  const { namesrv: address } = await namesrv.ready();
  const conf = `brokerName=other
brokerClusterName=Else
listenPort=0
brokerIP1=127.0.0.1
storePathRootDir=${folder.path}/elsewhere
flushDiskType=SYNC_FLUSH
namesrvAddr=127.0.0.1:1
sendMessageThreadPoolNums=16
`;
  writeFileSync(join(folder.path, 'broker.conf'), conf);
  const env = { NAMESRV_ADDR: address };
  await using broker = new Skylark(['broker', '-c', 'broker.conf', '--json'], folder.path, env);
  const ready = await broker.ready();
  assert.equal(ready.flush, 'sync');
  assert.equal(ready.data, join(folder.path, 'elsewhere'));
  assert.equal(ready.brokers[0]?.name, 'other');
  assert.match(ready.broker, /^127\.0\.0\.1:/);
  await using admin = new Admin({ namesrv: address, requestTimeoutMs: 60_000 });
  assert.deepEqual(
    (await admin.brokers()).map(({ cluster }) => cluster),
    ['Else'],
  );
  await broker.stop();
  // A key that Apache knows and we do not use is a warning, and the start goes on.
  const [warning = ''] = broker.stderr.split('\n');
  const fields = JSON.parse(warning);
  assert.equal(fields.level, 'warn');
  assert.deepEqual(fields.keys, ['sendMessageThreadPoolNums']);
});

test('a key that nobody knows ends the start, unless that is allowed', async () => {
  using folder = new TemporaryFolder();
  const file = join(folder.path, 'broker.conf');
  const conf = 'listenPort=0\nflushDiskTyp=SYNC_FLUSH\nstorePathRootDir=./s\n';
  writeFileSync(file, conf);
  const args = ['broker', '-c', 'broker.conf', '-n', '127.0.0.1:1', '--json'];
  const ended = await runSkylark(args, folder.path);
  assert.equal(ended.code, 2);
  const line = `skylark: ${file}: Nobody knows the key flushDiskTyp: did you mean flushDiskType?\n`;
  assert.equal(ended.stderr, line);
  assert.ok(!existsSync(join(folder.path, 's')));
  await using broker = new Skylark([...args, '--ignore-unknown-keys'], folder.path);
  assert.equal((await broker.ready()).flush, 'async');
  await broker.stop();
  const [warning = ''] = broker.stderr.split('\n');
  assert.deepEqual(JSON.parse(warning).keys, ['flushDiskTyp']);
});

test('bad values, missing features and files are one line', async () => {
  using folder = new TemporaryFolder();
  const cases: readonly [string, RegExp][] = [
    ['listenPort=no\n', /listenPort must be an integer/],
    ['flushDiskType=MAYBE\n', /flushDiskType must be ASYNC_FLUSH or SYNC_FLUSH/],
    ['brokerRole=SLAVE\n', /brokerRole=SLAVE is not available here/],
    ['brokerIP1=300.1.1.1\n', /brokerIP1 must be an IP address or a host name/],
    ['brokerIP1=nowhere.invalid\n', /brokerIP1 names nowhere.invalid, which has no address/],
    ['brokerName=\\u12\n', /line|escape|\\u/i],
  ];
  for (const [conf, message] of cases) {
    writeFileSync(join(folder.path, 'broker.conf'), conf);
    const ended = await runSkylark(
      ['broker', '-c', 'broker.conf', '-n', 'localhost:1'],
      folder.path,
    );
    assert.equal(ended.code, 2, conf);
    assert.match(ended.stderr, message);
    assert.match(ended.stderr, /^skylark: [^\n]*\n$/);
  }
  const none = await runSkylark(['broker', '-c', 'none.conf'], folder.path);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^skylark: Cannot read .*none\.conf: there is no such file\n$/);
  const where = await runSkylark(['broker', '-n', 'nowhere'], folder.path);
  assert.equal(where.code, 2);
  assert.match(where.stderr, /^skylark: .*nowhere.*host:port\n$/);
});

test('without a file a broker has the defaults of skylark start', async () => {
  using folder = new TemporaryFolder();
  await using namesrv = new Skylark(['namesrv', '-p', '0', '--json'], folder.path);
  const { namesrv: address } = await namesrv.ready();
  const args = ['broker', '-n', address, '-p', '0', '--json'];
  await using broker = new Skylark(args, folder.path);
  const ready = await broker.ready();
  assert.equal(ready.flush, 'sync');
  assert.equal(ready.data, join(folder.path, 'data/store'));
  assert.match(ready.broker, /^127\.0\.0\.1:/);
});
