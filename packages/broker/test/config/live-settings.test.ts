import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfigFile,
  MemoryFileSystem,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import { LiveSettings, type LiveSettingsOptions } from '../../src/config/live-settings.ts';

function liveSettings(more: Partial<LiveSettingsOptions> = {}): LiveSettings {
  const fixed = () => new Map([['listenPort', '10911']]);
  return new LiveSettings({
    fixed,
    clock: new VirtualTime(realScheduler),
    logger: silentLogger,
    ...more,
  });
}

test('a change is applied as a whole, heard of, versioned, and kept in the file', () => {
  const fileSystem = new MemoryFileSystem();
  const file = new ConfigFile(fileSystem, '/conf/broker.conf');
  fileSystem.makeDirectory('/conf');
  file.update(new Map([['brokerName', 'broker-a']]));
  const live = liveSettings({ file, settings: { maxMessageSize: 1000 } });
  const heard: number[] = [];
  const stop = live.onChange((now, before) =>
    heard.push(before.maxMessageSize, now.maxMessageSize),
  );
  const pairs = new Map([
    ['maxMessageSize', ' 2000 '],
    ['autoCreateTopicEnable', 'FALSE'],
    ['sendMessageThreadPoolNums', '7'],
  ]);
  assert.equal(live.change(pairs), undefined);
  assert.equal(live.get().maxMessageSize, 2000);
  assert.equal(live.get().autoCreateTopicEnable, false);
  assert.equal(live.version.counter, 1);
  assert.deepEqual(heard, [1000, 2000]);
  stop();
  const text = readText(fileSystem, '/conf/broker.conf');
  const [name, size] = text.split('\n');
  assert.deepEqual([name, size], ['brokerName=broker-a', 'maxMessageSize=2000']);
  const dump = live.dump();
  assert.equal(dump.get('maxMessageSize'), '2000');
  assert.equal(dump.get('sendMessageThreadPoolNums'), '7', 'shown although it has no use here');
  assert.equal(dump.get('listenPort'), '10911');
  assert.equal(dump.get('timerRocksDBRollMaxTps'), '8000.0');
  assert.ok(dump.size > 450, `all keys are shown, not only ${dump.size}`);
});

test('what must not or cannot be changed is refused, and nothing else changes', () => {
  const live = liveSettings({ settings: { configBlackList: 'maxMsgsNumBatch;x' } });
  const cases: [string, string, string, RegExp][] = [
    ['brokerConfigPath', '/etc/passwd', 'forbidden', /black list/],
    ['maxMsgsNumBatch', '3', 'forbidden', /black list/],
    ['adminFromAnywhere', 'true', 'forbidden', /black list/],
    ['storePathRootDir', '/', 'invalid', /cannot be changed while the broker runs/],
    ['traceTopicEnable', 'true', 'invalid', /cannot be changed while the broker runs/],
    ['brokerPermission', '9', 'invalid', /from 0 to 7, not "9"/],
    ['brokerPermision', '6', 'invalid', /did you mean brokerPermission/],
  ];
  for (const [key, value, kind, reason] of cases) {
    const before = live.get();
    const refused = live.change(
      new Map([
        ['regionId', 'changed'],
        [key, value],
      ]),
    );
    assert.equal(refused?.kind, kind, key);
    assert.match(refused?.reason ?? '', reason);
    assert.equal(live.get(), before);
  }
  assert.equal(live.version.counter, 0);
});

function readText(fileSystem: MemoryFileSystem, path: string): string {
  const handle = fileSystem.open(path, 'r');
  const bytes = Buffer.alloc(handle.size());
  handle.readSync(bytes, 0, bytes.length, 0);
  handle.close();
  return bytes.toString('utf8');
}
