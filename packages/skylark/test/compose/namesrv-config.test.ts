import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNamesrvConfig } from '../../src/compose/namesrv-config.ts';

test("Apache's keys are read", () => {
  const text = `# a comment
listenPort = 19876
bindAddress=0.0.0.0
kvConfigPath=/srv/kv.json
orderMessageEnable=true
scanNotActiveBrokerInterval=3000
serverChannelMaxIdleTimeSeconds=60
`;
  const config = parseNamesrvConfig(text, false);
  assert.deepEqual(config, {
    host: '0.0.0.0',
    port: 19876,
    kvConfigPath: '/srv/kv.json',
    idleMs: 60_000,
    settings: { orderMessageEnable: true, scanNotActiveBrokerInterval: 3000 },
    unused: [],
    problems: [],
  });
});

test('keys without effect are named, unknown ones are problems with the nearest known key', () => {
  const text = 'serverSelectorThreads=3\nrocketmqHome=/opt\nlistenPrt=1\nxyzzyxyzzy=1\n';
  const config = parseNamesrvConfig(text, false);
  assert.deepEqual(config.unused, ['rocketmqHome', 'serverSelectorThreads']);
  assert.deepEqual(config.problems, [
    'Nobody knows the key listenPrt: did you mean listenPort?',
    'Nobody knows the key xyzzyxyzzy: no known key is like it',
  ]);
  assert.deepEqual(parseNamesrvConfig(text, true).problems, []);
});

test('bad values and missing features are problems', () => {
  const text =
    'listenPort=70000\norderMessageEnable=yes\nscanNotActiveBrokerInterval=0\n' +
    'enableControllerInNamesrv=true\nclusterTest=false\n';
  assert.deepEqual(parseNamesrvConfig(text, false).problems, [
    'orderMessageEnable must be true or false, not "yes"',
    'scanNotActiveBrokerInterval must be a positive integer, not "0"',
    'enableControllerInNamesrv=true is not available here: this version has no controller',
    'listenPort must be an integer from 0 to 65535, not "70000"',
  ]);
});
