/** Users and policies by the official mqadmin, against `skylark start`. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { MqAdmin } from './mqadmin/mq-admin.ts';
import { type AllInOne, startSkylark } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

const CLUSTER = ['-c', 'DefaultCluster'] as const;
const ALICE = ['-u', 'alice'] as const;
const SUBJECT = ['-s', 'User:alice'] as const;

suite('users and policies by mqadmin', { skip: skipWithout('java', 'mvn') }, () => {
  const servers: AllInOne[] = [];
  let admin: MqAdmin;
  before(async () => {
    servers.push(await startSkylark(), await startSkylark());
    admin = new MqAdmin(servers[0]?.namesrv ?? '');
  });
  after(async () => {
    await admin?.close();
    for (const server of servers) await server.stop();
  });

  test('users and policies are made, changed, listed, copied and removed', async () => {
    const [from = '', to = ''] = servers.map(({ broker }) => broker);
    for (const [command, pattern] of [
      [['createUser', ...CLUSTER, ...ALICE, '-p', 'hunter2', '-t', 'Normal'], /success/],
      [['createUser', ...CLUSTER, ...ALICE, '-p', 'other'], /The user is existed/],
      [['listUser', ...CLUSTER], /alice .*Normal .*enable/],
      [['updateUser', ...CLUSTER, ...ALICE, '-s', 'disable'], /success/],
      [['getUser', ...CLUSTER, ...ALICE], /alice .*Normal .*disable/],
      [
        [
          'createAcl',
          ...CLUSTER,
          ...SUBJECT,
          '-r',
          'Topic:*,Group:g*',
          '-a',
          'Pub,Sub',
          '-d',
          'Allow',
        ],
        /success/,
      ],
      [['getAcl', ...CLUSTER, ...SUBJECT], /User:alice .*Custom .*Group:g\* .*Allow/],
      [
        [
          'updateAcl',
          ...CLUSTER,
          ...SUBJECT,
          '-r',
          'Topic:*',
          '-a',
          'Pub',
          '-d',
          'Deny',
          '-i',
          '10.0.0.0/8',
        ],
        /success/,
      ],
      [['listAcl', ...CLUSTER], /Topic:\* .*10\.0\.0\.0\/8.*Deny/],
      [['createUser', '-b', to, ...ALICE, '-p', 'hunter2'], /success/],
      [['copyAcl', '-f', from, '-t', to, '-s', 'User:alice'], /success/],
      [['getAcl', '-b', to, ...SUBJECT], /Group:g\*/],
      [['copyUser', '-f', from, '-t', to, ...ALICE], /./],
      [['deleteAcl', ...CLUSTER, ...SUBJECT, '-r', 'Topic:*'], /success/],
      [['deleteUser', ...CLUSTER, ...ALICE], /success/],
      [['listAcl', ...CLUSTER], /^(?![\s\S]*alice)/],
    ] as const) {
      const output = await admin.run(...command);
      assert.match(output, pattern, command.join(' '));
      assert.doesNotMatch(output, /hunter2/, 'no answer has a password');
    }
  });
});
