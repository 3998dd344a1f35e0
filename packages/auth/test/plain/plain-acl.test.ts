import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainAdmin } from '../../src/plain/acl-file.ts';
import { openFixture, request, writeFile } from '../fixture.ts';

const PATH = '/conf/plain_acl.yml';
const TEXT = `globalWhiteRemoteAddresses:
  - 10.10.{1,2}.*
accounts:
  - accessKey: RocketMQ
    secretKey: 12345678
    whiteRemoteAddress: 192.168.0-3.*
    admin: false
    defaultTopicPerm: DENY
    defaultGroupPerm: SUB
    topicPerms:
      - orders=PUB
      - news=PUB|SUB
    groupPerms:
      - closed=DENY
  - accessKey: administrator
    secretKey: 87654321
    admin: true
`;
const USER = { accessKey: 'RocketMQ', secretKey: '12345678' };
const BOSS = { accessKey: 'administrator', secretKey: '87654321' };
const FROM = '172.16.0.1:999';

function opened(text = TEXT): ReturnType<typeof openFixture> {
  return openFixture({ plainAclPath: PATH }, { [PATH]: text });
}

test('accounts, permissions and addresses, in the official words', () => {
  const { ask } = opened();
  const send = (topic: string): ReturnType<typeof request> => request(310, { b: topic });
  const pull = (topic: string, consumerGroup: string): ReturnType<typeof request> =>
    request(11, { topic, consumerGroup });
  assert.match(ask(send('orders'), undefined, FROM) ?? '', /^No accessKey is configured/);
  assert.equal(
    ask(send('x'), { accessKey: 'nobody', secretKey: 'y' }, FROM),
    'No acl config for nobody',
  );
  const wrong = { ...USER, secretKey: 'wrong' };
  assert.equal(ask(send('x'), wrong, FROM), 'Check signature failed for accessKey=RocketMQ');
  assert.equal(ask(send('orders'), USER, FROM), undefined);
  assert.equal(ask(send('other'), USER, FROM), 'No default permission for other');
  assert.equal(ask(pull('orders', 'g'), USER, FROM), 'No permission for orders');
  assert.equal(ask(pull('news', 'g'), USER, FROM), undefined);
  assert.equal(ask(pull('news', 'closed'), USER, FROM), 'No permission for %RETRY%closed');
  assert.equal(ask(request(17, { topic: 'T' }), USER, FROM), `${NEED_ADMIN}`);
  assert.equal(ask(request(17, { topic: 'T' }), BOSS, FROM), undefined);
  assert.equal(ask(send('other'), BOSS, FROM), undefined);
  assert.equal(ask(send('other'), undefined, '10.10.2.7:1'), undefined, 'a global address');
  assert.equal(ask(send('other'), wrong, '192.168.2.7:1'), undefined, 'his own address');
  assert.notEqual(ask(send('other'), wrong, '192.168.4.7:1'), undefined);
});

const NEED_ADMIN = 'Need admin permission for request code=17, but accessKey=RocketMQ is not';

test('a changed file counts within a second, a broken one does not', async () => {
  const { ask, files, time } = opened();
  const send = request(310, { b: 'other' });
  writeFile(files, PATH, TEXT.replace('orders=PUB', 'other=PUB'));
  await time.advance(1000);
  assert.equal(ask(send, USER, FROM), undefined);
  writeFile(files, PATH, `${TEXT}  - accessKey: x\n`);
  await time.advance(1000);
  assert.equal(ask(send, USER, FROM), undefined, 'the old accounts stay');
});

test('what is wrong in a file is said before the server starts', () => {
  for (const [from, to, reason] of [
    ['news=PUB|SUB', 'news', /topicPerms of account RocketMQ must have entries like/],
    ['DENY', 'NONE', /defaultTopicPerm of account RocketMQ must be DENY, PUB/],
    ['admin: false', 'admin: 1', /admin of account RocketMQ must be true or false/],
    ['topicPerms', 'topicPerm', /unknown key topicPerm: did you mean topicPerms\?/],
    ['12345678', '123', /need more than 6 characters/],
    ['administrator', 'RocketMQ', /account RocketMQ is there twice/],
    ['192.168.0-3.*', 'x.y', /whiteRemoteAddress of account RocketMQ must be an address/],
    ['accounts:', 'accounts: [', /\/conf\/plain_acl\.yml: line 3: a bracket is never closed/],
  ] as const) {
    assert.throws(() => opened(TEXT.replace(from, to)), { message: reason });
  }
  assert.throws(() => openFixture({ plainAclPath: PATH }), /there is no ACL file/);
});

test('accounts become users and policies once', () => {
  const { store, ask } = openFixture(
    { authenticationEnabled: true, authorizationEnabled: true, migrateFrom: PATH },
    { [PATH]: TEXT },
  );
  assert.equal(store.tables.users.get('administrator')?.userType, 'Super');
  assert.equal(ask(request(310, { b: 'orders' }), USER), undefined);
  assert.match(ask(request(310, { b: 'other' }), USER) ?? '', /the decision is deny/);
  assert.equal(ask(request(11, { topic: 'news', consumerGroup: 'g' }), USER), undefined);
  const closed = request(11, { topic: 'news', consumerGroup: 'closed' });
  assert.match(ask(closed, USER) ?? '', /Group:closed .*the decision is deny/);
});

const TEAM = '/conf/acl/team.yml';
const OTHERS = '/conf/acl/others.yaml';
const MATE = { accessKey: 'teammate', secretKey: 'team-secret' };

function account(accessKey: string, secretKey: string, perm: string): string {
  const fields = [`accessKey: ${accessKey}`, `secretKey: ${secretKey}`];
  return `accounts:\n- ${[...fields, `defaultTopicPerm: ${perm}`].join('\n  ')}\n`;
}

test('files in the folder acl count too, also new, changed and removed ones', async () => {
  const files = { [PATH]: TEXT, [TEAM]: account('teammate', 'team-secret', 'PUB') };
  const { ask, files: disk, time, plain } = openFixture({ plainAclPath: PATH }, files);
  const send = request(310, { b: 'x' });
  const pull = request(11, { topic: 'x', consumerGroup: 'g' });
  assert.equal(ask(send, MATE, FROM), undefined);
  assert.equal(ask(send, BOSS, FROM), undefined);
  assert.notEqual(ask(pull, MATE, FROM), undefined);
  writeFile(disk, TEAM, account('teammate', 'team-secret', 'PUB|SUB'));
  await time.advance(1_000);
  assert.equal(ask(send, MATE, FROM), undefined);
  const late = { accessKey: 'latecomer', secretKey: 'late-secret' };
  assert.equal(ask(send, late, FROM), 'No acl config for latecomer');
  writeFile(disk, OTHERS, account('latecomer', 'late-secret', 'PUB'));
  writeFile(disk, '/conf/acl/notes.txt', 'not an ACL file');
  await time.advance(1_000);
  assert.equal(ask(send, late, FROM), undefined);
  assert.deepEqual([...(plain?.versions.keys() ?? [])], [PATH, OTHERS, TEAM]);
  assert.equal(plain?.versions.get(TEAM)?.counter, 2, 'changed once since the start');
  assert.equal(plain?.versions.get(OTHERS)?.counter, 1);
  disk.remove(OTHERS);
  await time.advance(1_000);
  assert.equal(ask(send, late, FROM), 'No acl config for latecomer');
});

test('changes go to the file that the account is in; the first of two files counts', () => {
  const files = {
    [PATH]: TEXT,
    [OTHERS]: account('teammate', 'first-secret', 'PUB'),
    [TEAM]: account('teammate', 'team-secret', 'PUB'),
  };
  const { ask, plain } = openFixture({ plainAclPath: PATH }, files);
  assert.ok(plain !== undefined);
  const send = request(310, { b: 'x' });
  assert.equal(ask(send, { ...MATE, secretKey: 'first-secret' }, FROM), undefined);
  assert.equal(plain.homeOf('teammate'), OTHERS);
  assert.equal(plain.homeOf('nobody yet'), PATH);
  plain.change(() => new Map(), OTHERS);
  assert.equal(plain.homeOf('teammate'), TEAM);
  assert.equal(ask(send, MATE, FROM), undefined);
  assert.throws(() => plain.change(() => new Map(), '/etc/passwd'), {
    code: 'INVALID_ARGUMENT',
    message: /is no ACL file of this server: \/conf\/plain_acl\.yml, /,
  });
});

test('without the main file those of the folder are enough; the admin is found', () => {
  const files = { [TEAM]: account('teammate', 'team-secret', 'PUB') };
  const { ask, plain, files: disk } = openFixture({ plainAclPath: PATH }, files);
  assert.equal(ask(request(310, { b: 'x' }), MATE, FROM), undefined);
  assert.equal(plainAdmin(disk, PATH), undefined);
  plain?.change(
    () => new Map([['accounts', [new Map([...Object.entries(BOSS), ['admin', 'true']])]]]),
  );
  assert.deepEqual(plainAdmin(disk, PATH), BOSS);
  assert.equal(ask(request(310, { b: 'x' }), MATE, FROM), undefined);
});
