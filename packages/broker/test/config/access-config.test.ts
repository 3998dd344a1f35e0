import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBrokerConfig } from '../../src/config/parse-broker-config.ts';

test("Apache's keys of access control are read", () => {
  const { access, problems, unused } = parseBrokerConfig(`
aclEnable=false
authenticationEnabled=true
authorizationEnabled=true
authenticationWhitelist=105, 310
authorizationWhitelist=
initAuthenticationUser={"username":"root","password":"r:s=1"}
innerClientAuthenticationCredentials={"accessKey":"inner","secretKey":"s"}
migrateAuthFromV1Enabled=true
`);
  assert.deepEqual(problems, []);
  assert.deepEqual(unused, []);
  assert.deepEqual(access, {
    aclEnable: false,
    authenticationEnabled: true,
    authorizationEnabled: true,
    authenticationWhitelist: [105, 310],
    initAuthenticationUser: { username: 'root', password: 'r:s=1' },
    innerClientAuthenticationCredentials: { accessKey: 'inner', secretKey: 's' },
    migrateAuthFromV1Enabled: true,
  });
});

test('what is not right is a problem that shows no secret', () => {
  for (const text of [
    'initAuthenticationUser={"username":"root","passw":"hunter2"}',
    'initAuthenticationUser=root/hunter2',
    'innerClientAuthenticationCredentials={"accessKey":"","secretKey":"hunter2"}',
    'authenticationWhitelist=10,hunter2',
  ]) {
    const { problems } = parseBrokerConfig(text);
    assert.equal(problems.length, 1, text);
    assert.match(problems[0] ?? '', /is not right/);
    assert.doesNotMatch(problems[0] ?? '', /hunter2/);
  }
});
