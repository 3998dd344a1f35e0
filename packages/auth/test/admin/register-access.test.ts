import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { RemotingClient, RemotingServer, signed } from '@skylarkmq/remoting';
import type { Command, Outgoing } from '@skylarkmq/wire';
import { registerAccessHandlers } from '../../src/admin/register-access.ts';
import { ADMIN, CLUSTER, openFixture, request } from '../fixture.ts';

const PATH = '/conf/plain_acl.yml';

type Ask = (outgoing: Outgoing, by?: typeof ADMIN) => Promise<Command>;

async function withServer(
  access: ReturnType<typeof openFixture>,
  work: (ask: Ask) => Promise<void>,
): Promise<void> {
  const deps = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
  const server = new RemotingServer({ ...deps, port: 0 });
  server.setGuard(access.control.guard());
  const names = { brokerName: 'b', brokerAddress: '127.0.0.1:1', clusterName: CLUSTER };
  registerAccessHandlers(server, access, names);
  const { port } = await server.listen();
  const client = new RemotingClient(deps);
  try {
    await work((outgoing, by) =>
      client.invoke(`127.0.0.1:${port}`, by === undefined ? outgoing : signed(outgoing, by), {
        timeoutMs: 60_000,
      }),
    );
  } finally {
    await client.close();
    await server.close();
    access.close();
  }
}

function withBody(outgoing: Outgoing, body: object): Outgoing {
  return { ...outgoing, body: Buffer.from(JSON.stringify(body)) };
}

test('users are made, changed, listed and removed, and no answer has a password', async () => {
  await withServer(openFixture(), async (ask) => {
    const create = withBody(request(3001, { username: 'u' }), { password: 'hunter2' });
    assert.equal((await ask(create)).code, 0);
    const again = await ask(create);
    assert.deepEqual([again.code, again.remark], [16, 'The user is existed']);
    const update = { userType: 'Super', userStatus: 'disable' };
    assert.equal((await ask(withBody(request(3002, { username: 'u' }), update))).code, 0);
    const got = (await ask(request(3004, { username: 'u' }))).body?.toString() ?? '';
    assert.equal(got, '{"userStatus":"disable","userType":"Super","username":"u"}');
    const list = (await ask(request(3005))).body?.toString() ?? '';
    assert.match(list, /^\[\{.*"admin".*"u".*\}\]$/);
    assert.doesNotMatch(list, /hunter2|admin-secret/);
    assert.equal((await ask(request(3003, { username: 'u' }))).code, 0);
    assert.equal((await ask(request(3004, { username: 'u' }))).body, null);
    assert.equal((await ask(request(3004, { username: ' ' }))).code, 29);
  });
});

test('only super users make and change super users', async () => {
  const access = openFixture({ authenticationEnabled: true, authorizationEnabled: false });
  access.store.change((tables) => tables.createUser({ username: 'n', password: 'p' }));
  await withServer(access, async (ask) => {
    const normal = { accessKey: 'n', secretKey: 'p' };
    const body = { password: 'x', userType: 'Super' };
    const create = withBody(request(3001, { username: 's' }), body);
    assert.match((await ask(create, normal)).remark ?? '', /only be create by super user/);
    assert.equal((await ask(create, ADMIN)).code, 0);
    const remove = await ask(request(3003, { username: 's' }), normal);
    assert.deepEqual(
      [remove.code, remove.remark],
      [16, 'The super user can only be update by super user'],
    );
  });
});

test('policies are given, changed, listed and removed', async () => {
  const access = openFixture();
  access.store.change((tables) => tables.createUser({ username: 'u', password: 'p' }));
  await withServer(access, async (ask) => {
    const entry = { resource: 'Topic:a*', actions: ['Pub', 'Sub'], decision: 'Allow' };
    const acl = { subject: 'User:u', policies: [{ policyType: 'Custom', entries: [entry] }] };
    assert.equal((await ask(withBody(request(3006, { subject: 'User:u' }), acl))).code, 0);
    const got = (await ask(request(3009, { subject: 'User:u' }))).body?.toString() ?? '{}';
    assert.deepEqual(JSON.parse(got), acl);
    const list = (await ask(request(3010, { resourceFilter: 'Topic' }))).body?.toString() ?? '[]';
    assert.deepEqual(JSON.parse(list), [acl]);
    const fields = { subject: 'User:u', resource: 'Topic:a*' };
    assert.equal((await ask(request(3008, fields))).code, 0);
    assert.equal((await ask(request(3009, { subject: 'User:u' }))).body, null);
    const missing = await ask(request(3009, { subject: 'User:x' }));
    assert.deepEqual([missing.code, missing.remark], [16, 'The subject is not exist.']);
    assert.equal(
      (await ask(request(3006, { subject: 'User:u' }))).remark,
      'The body of acl is null',
    );
  });
});

test('accounts of ACL 1.0 are changed in the file', async () => {
  const text = 'accounts:\n  - accessKey: rocketmq\n    secretKey: 12345678\n    admin: true\n';
  const access = openFixture({ plainAclPath: PATH }, { [PATH]: text });
  await withServer(access, async (ask) => {
    const boss = { accessKey: 'rocketmq', secretKey: '12345678' };
    const fields = { accessKey: 'another', secretKey: '11111111', topicPerms: 'a=PUB,b=SUB' };
    assert.equal((await ask(request(50, fields), boss)).code, 0);
    assert.equal((await ask(request(53, { globalWhiteAddrs: '10.0.0.*' }), boss)).code, 0);
    const config = (await ask(request(54), boss)).body?.toString() ?? '';
    assert.match(config, /"globalWhiteAddrs":\["10\.0\.0\.\*"\]/);
    assert.match(config, /"topicPerms":\["a=PUB","b=SUB"\]/);
    assert.doesNotMatch(config, /11111111|12345678/);
    assert.equal((await ask(request(51, { accessKey: 'another' }), boss)).code, 0);
    assert.equal((await ask(request(51, { accessKey: 'another' }), boss)).code, 16);
    const info = await ask(request(52), boss);
    assert.equal(info.ext.get('clusterName'), CLUSTER);
    const bad = await ask(request(50, { ...fields, topicPerms: 'a' }), boss);
    assert.match(bad.remark ?? '', /topicPerms of account another must have entries/);
  });
});
