/** Accounts of ACL 1.0 by the official mqadmin 4.9.8, against `skylark start --acl`. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type MqError, Producer } from '@skylarkmq/client';
import { OldMqAdmin } from '../mqadmin/old-mq-admin.ts';
import { until } from '../sdk/scenario.ts';
import { type AllInOne, startSkylark } from '../servers/skylark.ts';
import { skipWithout } from '../servers/toolchain.ts';

const ADMIN = { accessKey: 'administrator', secretKey: '87654321' };
const MATE = { accessKey: 'teammate', secretKey: '12345678' };
const NEW = { accessKey: 'newcomer', secretKey: '12345678' };
const CLUSTER = ['-c', 'DefaultCluster'] as const;

function account({ accessKey, secretKey }: typeof ADMIN, ...more: readonly string[]): string {
  const lines = [`secretKey: ${secretKey}`, ...more].map((line) => `    ${line}\n`);
  return `  - accessKey: ${accessKey}\n${lines.join('')}`;
}

suite('accounts of ACL 1.0', { skip: skipWithout('java', 'mvn') }, () => {
  const conf = mkdtempSync(join(tmpdir(), 'skylark-acl-'));
  const main = join(conf, 'plain_acl.yml');
  const team = join(conf, 'acl/team.yml');
  let skylark: AllInOne;
  let admin: OldMqAdmin;

  before(async () => {
    mkdirSync(join(conf, 'acl'));
    writeFileSync(main, `accounts:\n${account(ADMIN, 'admin: true')}`);
    writeFileSync(team, `accounts:\n${account(MATE, 'defaultTopicPerm: PUB')}`);
    skylark = await startSkylark('--acl', main);
    admin = await OldMqAdmin.open(skylark.namesrv, ADMIN);
  });
  after(async () => {
    admin?.close();
    await skylark?.stop();
    rmSync(conf, { recursive: true, force: true });
  });

  /** Undefined when the message is stored; else the reason why not. */
  async function sendAs(credentials: typeof ADMIN, topic = 'orders'): Promise<string | undefined> {
    await using producer = new Producer({ namesrv: skylark.namesrv, credentials, retries: 0 });
    return producer.send({ topic, body: 'x' }).then(
      () => undefined,
      (error: MqError) => error.message,
    );
  }

  test('accounts are made, changed and removed, each in its own file', async () => {
    const { broker } = skylark;
    assert.equal(await sendAs(MATE), undefined);
    const versions = await admin.run('clusterAclConfigVersion', ...CLUSTER);
    assert.match(versions, /acl\/team\.yml\s+1 /);
    assert.match(versions, /plain_acl\.yml\s+1 /);
    assert.match((await sendAs(NEW)) ?? '', /No acl config for newcomer/);
    const perms = ['-i', 'DENY', '-u', 'SUB', '-t', 'orders=PUB|SUB,news=SUB', '-g', 'billing=SUB'];
    const made = ['updateAclConfig', '-b', broker, '-a', NEW.accessKey, '-s', NEW.secretKey];
    assert.match(await admin.run(...made, ...perms, '-m', 'false'), /success/);
    assert.equal(await sendAs(NEW), undefined);
    assert.match((await sendAs(NEW, 'news')) ?? '', /[Nn]o (default )?permission for/);
    assert.match(readFileSync(main, 'utf8'), /newcomer[\s\S]*orders=PUB\|SUB/);
    const changed = ['updateAclConfig', '-b', broker, '-a', MATE.accessKey, '-s', MATE.secretKey];
    assert.match(await admin.run(...changed, '-i', 'SUB'), /success/);
    assert.match((await sendAs(MATE)) ?? '', /No default permission for orders/);
    assert.match(readFileSync(team, 'utf8'), /teammate[\s\S]*defaultTopicPerm: SUB/);
    const white = ['updateGlobalWhiteAddr', '-b', broker, '-g', '10.1.1.1,10.1.2.*'];
    assert.match(await admin.run(...white), /success/);
    assert.match(readFileSync(main, 'utf8'), /globalWhiteRemoteAddresses:\s+- 10\.1\.1\.1/);
    const remove = ['deleteAclConfig', '-b', broker, '-a', NEW.accessKey];
    assert.match(await admin.run(...remove), /success/);
    assert.match(await admin.run(...remove), /doesn't exist/);
    assert.match((await sendAs(NEW)) ?? '', /No acl config for newcomer/);
    const after = await admin.run('clusterAclConfigVersion', ...CLUSTER);
    assert.match(after, /acl\/team\.yml\s+2 /);
    assert.match(after, /plain_acl\.yml\s+4 /);
  });

  test('who is no admin changes nothing', async () => {
    const other = await OldMqAdmin.open(skylark.namesrv, MATE);
    try {
      const remove = ['deleteAclConfig', '-b', skylark.broker, '-a', ADMIN.accessKey];
      assert.match(await other.run(...remove), /Need admin permission/);
    } finally {
      other.close();
    }
  });

  test('a file that is put into conf/acl counts soon, one that is taken away, too', async () => {
    const late = { accessKey: 'latecomer', secretKey: 'late-secret' };
    const file = join(conf, 'acl/late.yml');
    assert.match((await sendAs(late)) ?? '', /No acl config/);
    writeFileSync(file, `accounts:\n${account(late, 'defaultTopicPerm: PUB')}`);
    await until('the new file', async () => (await sendAs(late)) === undefined);
    rmSync(file);
    await until('the end of it', async () => (await sendAs(late)) !== undefined);
  });
});
