import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeClusterInfo, RequestCode, ResponseCode } from '@skylarkmq/wire';
import { Admin } from '../../src/admin/admin.ts';
import { ScriptedServer } from '../fake/scripted-server.ts';

const server = new ScriptedServer();
const asked: string[] = [];
const ACL = {
  subject: 'User:u',
  policies: [
    {
      policyType: 'Custom' as const,
      entries: [{ resource: 'Topic:a*', actions: ['Pub'], decision: 'Allow' as const }],
    },
  ],
};

before(async () => {
  await server.start();
  server.on(RequestCode.GetBrokerClusterInfo, () => {
    const brokerAddrs = new Map([[0, server.address]]);
    const broker = { cluster: 'c', brokerName: 'b', brokerAddrs, enableActingMaster: false };
    const body = encodeClusterInfo({
      brokers: new Map([['b', broker]]),
      clusters: new Map([['c', ['b']]]),
    });
    return { code: ResponseCode.Success, body };
  });
  for (const [code, answer] of [
    [RequestCode.AuthCreateUser, null],
    [RequestCode.AuthUpdateUser, null],
    [RequestCode.AuthDeleteUser, null],
    [RequestCode.AuthGetUser, '{"userStatus":"disable","userType":"Super","username":"u"}'],
    [RequestCode.AuthListUser, '[{"userStatus":"enable","userType":"Normal","username":"u"}]'],
    [RequestCode.AuthCreateAcl, null],
    [RequestCode.AuthUpdateAcl, null],
    [RequestCode.AuthDeleteAcl, null],
    [RequestCode.AuthGetAcl, JSON.stringify(ACL)],
    [RequestCode.AuthListAcl, JSON.stringify([ACL])],
  ] as const) {
    server.on(code, (request) => {
      const fields = [...request.ext].map(([name, value]) => `${name}=${value}`).join();
      asked.push(`${code} ${fields} ${request.body?.toString() ?? ''}`);
      return { code: 0, body: answer === null ? null : Buffer.from(answer) };
    });
  }
});
after(() => server.stop());

test('users and policies go to the masters as tools send them', async () => {
  await using admin = new Admin({ namesrv: server.address });
  const { access } = admin;
  await access.createUser({ username: 'u', password: 'p' });
  await access.updateUser({ username: 'u', userStatus: 'disable' });
  await access.createAcl(ACL);
  await access.updateAcl(ACL);
  await access.deleteAcl('User:u', { resource: 'Topic:a*' });
  await access.deleteUser('u');
  assert.deepEqual(asked.splice(0), [
    '3001 username=u {"username":"u","password":"p"}',
    '3002 username=u {"username":"u","userStatus":"disable"}',
    `3006 subject=User:u ${JSON.stringify(ACL)}`,
    `3007 subject=User:u ${JSON.stringify(ACL)}`,
    '3008 subject=User:u,resource=Topic:a* ',
    '3003 username=u ',
  ]);
});

test('answers are read', async () => {
  await using admin = new Admin({ namesrv: server.address });
  const { access } = admin;
  const user = { username: 'u', userType: 'Super', userStatus: 'disable' };
  assert.deepEqual(await access.getUser('u'), user);
  assert.equal((await access.listUsers()).length, 1);
  assert.deepEqual(await access.getAcl('User:u'), ACL);
  assert.deepEqual(await access.listAcls({ resource: 'a' }), [ACL]);
});

test('a refusal has a code of its own', async () => {
  server.on(RequestCode.AuthDeleteUser, () => ({ code: 16, remark: 'no policy' }));
  await using admin = new Admin({ namesrv: server.address });
  await assert.rejects(admin.access.deleteUser('u'), {
    code: 'PERMISSION',
    responseCode: 16,
    retryable: false,
    message: /no policy$/,
  });
});
