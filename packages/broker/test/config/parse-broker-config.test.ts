import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqError } from '@skylarkmq/base';
import fc from 'fast-check';
import { KNOWN_KEYS } from '../../src/config/known-keys.ts';
import { parseBrokerConfig } from '../../src/config/parse-broker-config.ts';

test("Apache's example file becomes options, with Apache's defaults for the rest", () => {
  const { options, unused, problems } = parseBrokerConfig(
    [
      'brokerClusterName=DefaultCluster',
      'brokerName=broker-a',
      'brokerId = 0',
      'deleteWhen=04',
      'fileReservedTime=48',
      'brokerRole=ASYNC_MASTER',
      'flushDiskType=SYNC_FLUSH',
      'namesrvAddr=10.0.0.1:9876;ns.example.org:9876',
      'brokerIP1=192.168.0.9',
      'listenPort=10931 ',
      'storePathRootDir=/data/store',
      'storePathCommitLog=/data/log1,/data/log2',
      'autoCreateTopicEnable=false',
      'diskMaxUsedSpaceRatio=88',
      'enablePropertyFilter=true',
      'sendMessageThreadPoolNums=16',
    ].join('\n'),
  );
  const { configured, ...rest } = options;
  assert.equal(configured?.size, 16);
  assert.deepEqual(rest, {
    brokerClusterName: 'DefaultCluster',
    brokerName: 'broker-a',
    brokerId: 0,
    retention: { deleteWhen: '04', hours: 48, diskMaxUsedRatio: 0.88 },
    flush: 'sync',
    namesrvAddresses: ['10.0.0.1:9876', 'ns.example.org:9876'],
    advertisedHost: '192.168.0.9',
    port: 10931,
    directory: '/data/store',
    commitLogDirectories: ['/data/log1', '/data/log2'],
    settings: { autoCreateTopicEnable: false, enablePropertyFilter: true },
  });
  assert.deepEqual(unused, ['sendMessageThreadPoolNums']);
  assert.deepEqual(problems, []);
});

test('an unknown key is a problem that names the nearest one, unless it may be ignored', () => {
  const text = 'autoCreateTopicEnabled=true\nzzzzzzzzzzzzzzzzzz=1\n';
  const strict = parseBrokerConfig(text);
  const [first = ''] = strict.problems;
  assert.equal(strict.problems.length, 2);
  assert.match(first, /autoCreateTopicEnabled: did you mean autoCreateTopicEnable\?/);
  const lenient = parseBrokerConfig(text, { ignoreUnknown: true });
  const ignored = ['autoCreateTopicEnabled', 'zzzzzzzzzzzzzzzzzz'];
  assert.deepEqual([lenient.unused, lenient.problems], [ignored, []]);
});

test('a bad value names the key, what is allowed and what was found', () => {
  const cases: [string, RegExp][] = [
    ['listenPort=70000', /listenPort must be an integer from 0 to 65535, not "70000"/],
    ['autoCreateTopicEnable=yes', /autoCreateTopicEnable must be true or false, not "yes"/],
    ['flushDiskType=SYNC', /flushDiskType must be ASYNC_FLUSH or SYNC_FLUSH, not "SYNC"/],
    ['maxMessageSize=4m', /maxMessageSize must be an integer from 1 to \d+, not "4m"/],
    ['deleteWhen=4', /deleteWhen must be hours/],
    ['messageDelayLevel=1s 5x', /messageDelayLevel: .*5x/],
    ['namesrvAddr=localhost', /namesrvAddr must be host:port, ';' between, not "localhost"/],
    ['timerRocksDBRollMaxTps=fast', /timerRocksDBRollMaxTps must be a number, not "fast"/],
    ['waitTimeMillsInSendQueue=x', /waitTimeMillsInSendQueue must be an integer, not "x"/],
  ];
  for (const [text, problem] of cases) {
    const { problems } = parseBrokerConfig(text);
    assert.equal(problems.length, 1, text);
    assert.match(problems[0] ?? '', problem);
  }
});

test('what the file asks for and this version does not have is a problem, not a warning', () => {
  const asked = [
    'brokerRole=SLAVE',
    'brokerRole=SYNC_MASTER',
    'brokerId=1',
    'storeType=defaultRocksDB',
    'enableControllerMode=true',
    'authenticationProvider=com.example.Mine',
  ];
  for (const text of asked) {
    const { problems } = parseBrokerConfig(text);
    assert.equal(problems.length, 1, text);
    assert.match(problems[0] ?? '', /is not available here: /);
  }
  const harmless = ['storeType=default', 'enableControllerMode=false', 'aclEnable=false'];
  for (const text of harmless) assert.deepEqual(parseBrokerConfig(text).problems, [], text);
});

test('whatever a file says becomes options or sentences', () => {
  const key = fc.oneof(fc.constantFrom(...KNOWN_KEYS.keys()), fc.string());
  const value = fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom('true', '1e9', ''));
  const lines = fc.array(fc.tuple(key, fc.constantFrom('=', ':', ' ', '\\\n'), value));
  fc.assert(
    fc.property(lines, (list) => {
      const text = list.map((parts) => parts.join('')).join('\n');
      try {
        const { options, problems, unused } = parseBrokerConfig(text);
        assert.ok(unused.every((one) => KNOWN_KEYS.has(one)));
        for (const problem of problems) assert.match(problem, /\S/);
        const { port = 0, flush = 'async' } = options;
        assert.ok(port >= 0 && port <= 65_535 && (flush === 'sync' || flush === 'async'));
      } catch (error) {
        assert.ok(error instanceof MqError && error.code === 'INVALID_ARGUMENT', String(error));
      }
    }),
  );
});
