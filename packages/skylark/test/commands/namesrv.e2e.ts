import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { RemotingClient } from '@skylarkmq/remoting';
import { PutKvConfig, RequestCode, ResponseCode } from '@skylarkmq/wire';
import { runSkylark, Skylark, TemporaryFolder } from '../run-skylark.ts';

function newClient(): RemotingClient {
  return new RemotingClient({ clock: realClock, scheduler: realScheduler, logger: silentLogger });
}

test("a name server starts from Apache's namesrv.conf and keeps its pairs there", async () => {
  using folder = new TemporaryFolder();
  const kvPath = join(folder.path, 'kv/kvConfig.json');
  const address0 = 'listenPort=0\nbindAddress=127.0.0.1\n';
  const conf = `${address0}kvConfigPath=${kvPath}\norderMessageEnable=true\n`;
  writeFileSync(join(folder.path, 'namesrv.conf'), conf);
  const args = ['namesrv', '-c', 'namesrv.conf', '--json'];
  await using namesrv = new Skylark(args, folder.path, { HOME: folder.path });
  const { namesrv: address } = await namesrv.ready();
  const client = newClient();
  const ext = PutKvConfig.request.encode({ namespace: 'n', key: 'k', value: 'v' });
  const put = await client.invoke(address, { code: PutKvConfig.code, ext }, { timeoutMs: 60_000 });
  assert.equal(put.code, ResponseCode.Success);
  const code = RequestCode.GetNamesrvConfig;
  const config = await client.invoke(address, { code }, { timeoutMs: 60_000 });
  assert.match(config.body?.toString('utf8') ?? '', /^orderMessageEnable=true$/m);
  await client.close();
  assert.equal((await namesrv.stop()).code, 0);
  assert.match(readFileSync(kvPath, 'utf8'), /"k":\s*"v"/);
});

test('without a file it is on loopback, and -p says where', async () => {
  using folder = new TemporaryFolder();
  await using namesrv = new Skylark(['namesrv', '-p', '0', '--json'], folder.path);
  const ready = await namesrv.ready();
  assert.match(ready.namesrv, /^127\.0\.0\.1:\d+$/);
  assert.deepEqual(ready.brokers, []);
  const again = await runSkylark(['namesrv', '-p', ready.namesrv.split(':')[1] ?? ''], folder.path);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^skylark: Port .* is in use[^\n]*\n$/);
});

test('unknown keys end the start with the nearest known one', async () => {
  using folder = new TemporaryFolder();
  writeFileSync(join(folder.path, 'namesrv.conf'), 'listenPrt=1\n');
  const ended = await runSkylark(['namesrv', '-c', 'namesrv.conf'], folder.path);
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /^skylark: .*listenPrt: did you mean listenPort\?\n$/);
  assert.ok(!existsSync(join(folder.path, 'namesrv')));
});
