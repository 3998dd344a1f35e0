import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecoveryReport } from '@skylarkmq/store';
import { type Banner, bannerJson, bannerText } from '../../src/cli/banner.ts';
import { recoveryLine } from '../../src/cli/recovery-line.ts';

const CLEAN: RecoveryReport = {
  clean: true,
  writtenBySkylark: true,
  logEnd: 4096,
  recordsScanned: 3,
  recordsRedispatched: 0,
  durationMs: 2,
  damaged: [],
};
const DAMAGED: RecoveryReport = {
  ...CLEAN,
  clean: false,
  recordsRedispatched: 2,
  damaged: [
    { start: 100, end: 200, reason: 'bad CRC', quarantine: '/d/torn', recordsBehind: 0 },
    { start: 300, end: 400, reason: 'bad CRC', quarantine: null, recordsBehind: 0 },
  ],
};
const BANNER: Banner = {
  pid: 42,
  namesrv: '127.0.0.1:9876',
  brokers: [{ name: 'broker-a', address: '127.0.0.1:10911', recovery: CLEAN }],
  data: '/srv/data',
  durability: 'sync',
  tookMs: 123.4,
  next: 'skylark try',
};

test('recovery is mentioned when something was repaired only', () => {
  assert.equal(recoveryLine(CLEAN), undefined);
  const line = recoveryLine(DAMAGED) ?? '';
  assert.match(line, /not clean; 3 records checked; 2 put into their queues again; 2 damaged/);
  assert.match(line, /bytes 100 to 200 \(bad CRC\), kept in \/d\/torn/);
  assert.doesNotMatch(line, /\n/);
});

test('the banner says where, who, how durable and what to try', () => {
  const text = bannerText(BANNER);
  for (const part of ['pid 42', '127.0.0.1:9876', '127.0.0.1:10911', '/srv/data', 'skylark try']) {
    assert.ok(text.includes(part), part);
  }
  assert.match(text, /SYNC_FLUSH.*power cut/);
  assert.doesNotMatch(text, /recovery/);
});

test('the durability is the one that is really given', () => {
  const memory: Banner = { ...BANNER, durability: 'memory', data: null };
  assert.match(bannerText(memory), /gone when the process ends/);
  assert.equal(JSON.parse(bannerJson(memory)).flush, 'none');
  assert.equal(JSON.parse(bannerJson(memory)).data, null);
  assert.match(bannerText({ ...BANNER, durability: 'async' }), /ASYNC_FLUSH.*half second/);
});

test('JSON is one line with the same content', () => {
  const recovered = [{ name: 'broker-a', address: '127.0.0.1:10911', recovery: DAMAGED }];
  const access = 'every request is signed by a user';
  const line = bannerJson({ ...BANNER, brokers: recovered, access });
  assert.equal(line.indexOf('\n'), line.length - 1);
  const fields = JSON.parse(line);
  assert.equal(fields.ready, true);
  assert.equal(fields.pid, 42);
  assert.equal(fields.namesrv, '127.0.0.1:9876');
  assert.equal(fields.broker, '127.0.0.1:10911');
  assert.equal(fields.flush, 'sync');
  assert.equal(fields.access, access);
  assert.equal(fields.next, 'skylark try');
  assert.match(fields.brokers[0].recovery, /not clean/);
});
