import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigFile, MemoryFileSystem } from '@skylarkmq/base';
import {
  DeleteKvConfig,
  decodeTextTable,
  GetKvConfig,
  GetKvlistByNamespace,
  PutKvConfig,
  RequestCode,
} from '@skylarkmq/wire';
import { type Running, startNameServer } from '../fixture.ts';

const pair = { namespace: 'PROJECT', key: 'a=b', value: '值 "quoted"' };

function put(running: Running, changes: Partial<typeof pair> = {}) {
  const ext = PutKvConfig.request.encode({ ...pair, ...changes });
  return running.ask({ code: PutKvConfig.code, ext });
}

function get(running: Running) {
  return running.ask({ code: GetKvConfig.code, ext: GetKvConfig.request.encode(pair) });
}

test('pairs are kept, listed, deleted, and survive a restart', async () => {
  const fileSystem = new MemoryFileSystem();
  const kvConfigPath = '/namesrv/kvConfig.json';
  const first = await startNameServer({ fileSystem, kvConfigPath });
  const missing = await get(first);
  const remark = 'No config item, Namespace: PROJECT Key: a=b';
  assert.deepEqual([missing.code, missing.remark], [22, remark]);
  await put(first);
  await put(first, { key: 'second', value: '2' });
  await first.stop();
  const running = await startNameServer({ fileSystem, kvConfigPath });
  assert.equal(GetKvConfig.response.decode((await get(running)).ext).value, pair.value);
  const list = { code: GetKvlistByNamespace.code, ext: new Map([['namespace', 'PROJECT']]) };
  const expected = new Map([
    ['a=b', pair.value],
    ['second', '2'],
  ]);
  assert.deepEqual(decodeTextTable((await running.ask(list)).body), expected);
  await running.ask({ code: DeleteKvConfig.code, ext: DeleteKvConfig.request.encode(pair) });
  assert.equal((await get(running)).code, 22);
  const unknown = { ...list, ext: new Map([['namespace', 'NONE']]) };
  const none = await running.ask(unknown);
  assert.deepEqual([none.code, none.remark], [22, 'No config item, Namespace: NONE']);
  await running.stop();
});

test('settings are changed at run time, shown, and paths are not to be changed', async () => {
  const running = await startNameServer({ kvConfigPath: '/kv.json' });
  const update = async (text: string): Promise<[number, string | null]> => {
    const body = Buffer.from(text);
    const answer = await running.ask({ code: RequestCode.UpdateNamesrvConfig, body });
    return [answer.code, answer.remark];
  };
  const shown = async (): Promise<string> =>
    (await running.ask({ code: RequestCode.GetNamesrvConfig })).body?.toString('utf8') ?? '';
  assert.match(await shown(), /^enableAllTopicList=true$/m);
  assert.deepEqual(await update('enableAllTopicList=false\nunknownKey=1\n'), [0, null]);
  assert.match(await shown(), /^enableAllTopicList=false$/m);
  assert.match(await shown(), new RegExp(`^listenPort=${running.address.split(':')[1]}$`, 'm'));
  const refused = [16, 'Can not update config in black list.'];
  for (const key of ['kvConfigPath', 'configStorePath', 'rocketmqHome', 'configBlackList']) {
    assert.deepEqual(await update(`enableTopicList=false\n${key}=/etc/passwd\n`), refused);
  }
  assert.match(await shown(), /^enableTopicList=true$/m, 'a refused change changes nothing');
  const [code, remark] = await update('scanNotActiveBrokerInterval=fast');
  assert.equal(code, 1);
  assert.match(remark ?? '', /scanNotActiveBrokerInterval must be a positive integer, not "fast"/);
  await running.stop();
});

test('changes are kept in the configuration file', async () => {
  const fileSystem = new MemoryFileSystem();
  const configPath = '/conf/namesrv.conf';
  new ConfigFile(fileSystem, configPath).update(new Map([['listenPort', '9876']]));
  const running = await startNameServer({ fileSystem, configPath });
  const update = (text: string) =>
    running.ask({ code: RequestCode.UpdateNamesrvConfig, body: Buffer.from(text) });
  assert.equal((await update('scanNotActiveBrokerInterval=2500\nenableTopicList=true\n')).code, 0);
  await running.stop();
  const bytes = Buffer.alloc(200);
  const handle = fileSystem.open(configPath, 'r');
  const text = bytes.toString('utf8', 0, handle.readSync(bytes, 0, bytes.length, 0));
  handle.close();
  assert.deepEqual(text.trim().split('\n'), [
    'listenPort=9876',
    'scanNotActiveBrokerInterval=2500',
  ]);
});
