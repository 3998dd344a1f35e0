import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqErrorCode, parseJavaProperties, silentLogger } from '@skylarkmq/base';
import { checkConfig, parseConfigFile } from '../../src/cli/check-config.ts';

test('a text that cannot be parsed is told with its file', () => {
  const parse = (): unknown => parseJavaProperties('brokerName=\\u12\n');
  assert.throws(() => parseConfigFile('/etc/broker.conf', parse), {
    code: MqErrorCode.InvalidArgument,
    message: /^\/etc\/broker\.conf: Line 1 has a malformed escape/,
  });
});

test('problems are told in one line, and no more than somebody reads', () => {
  const problems = Array.from({ length: 23 }, (_, index) => `p${index}`);
  assert.throws(() => checkConfig('/f', { unused: [], problems }, silentLogger), {
    code: MqErrorCode.InvalidArgument,
    message: `/f: ${problems.slice(0, 20).join('; ')}; and 3 more`,
  });
});
