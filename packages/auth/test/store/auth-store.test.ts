import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFastjson } from '@skylarkmq/base';
import { decodeAcl, decodeUserChange } from '../../src/store/auth-json.ts';
import { AUTH_PATH, openFixture, writeFile } from '../fixture.ts';

const POLICY = `{"subject":"User:a","policies":[{"policyType":"Custom","entries":[
  {"resource":"Topic:x*","actions":["Pub"],"decision":"Allow","sourceIps":["10.0.0.0/8"]}]}]}`;

test('what changes is in the file, and there again at the next start', () => {
  const { store, files, close } = openFixture();
  store.change((tables) => tables.createUser({ username: 'a', password: 'p' }));
  store.change((tables) => tables.setAcl(decodeAcl(parseFastjson(POLICY))));
  close();
  const text = textOf(files, AUTH_PATH);
  const again = openFixture({}, { [AUTH_PATH]: text });
  assert.equal(again.store.tables.users.get('a')?.password, 'p');
  assert.deepEqual(again.store.tables.acls.get('User:a'), store.tables.acls.get('User:a'));
  again.close();
});

test('a file that somebody else writes is read again; a broken one is not', async () => {
  const { store, files, time } = openFixture();
  const user = '{"username":"b","password":"p","userType":"Super","userStatus":"enable"}';
  writeFile(files, AUTH_PATH, `{"users":[${user}],"acls":[]}`);
  await time.advance(1000);
  assert.equal(store.tables.users.get('b')?.userType, 'Super');
  writeFile(files, AUTH_PATH, '{"users":[{"username":7}]}');
  await time.advance(1000);
  assert.equal(store.tables.users.get('b')?.userType, 'Super', 'the old ones stay');
});

test('rules of users and policies, in the official words', () => {
  const { store } = openFixture();
  const change = (text: string): void =>
    store.change((tables) => tables.createUser(decodeUserChange(parseFastjson(text), 'u')));
  assert.throws(() => change('{}'), { message: 'password can not be blank' });
  change('{"password":"p","userType":"normal"}');
  assert.throws(() => change('{"password":"p"}'), { message: 'The user is existed' });
  assert.throws(() => change('{"password":"p","userType":"Boss"}'), /Super or Normal/);
  const unknown = { message: 'The user is not exist' };
  assert.throws(() => store.change((tables) => tables.updateUser({ username: 'x' })), unknown);
  const acl = decodeAcl(parseFastjson(POLICY));
  assert.throws(() => store.change((tables) => tables.setAcl(acl)), /User:a is not exist/);
  for (const [from, to, reason] of [
    ['"Pub"', '"Any"', /can not be Any/],
    ['"Pub"', '', /actions is empty/],
    ['10.0.0.0/8', '10.0.0.0/99', /source ip is invalid/],
    ['Topic:x*', 'Thing:x', /resource is null/],
    ['Allow', 'Maybe', /decision is null or illegal/],
    ['User:a', 'Group:a', /must be User:name/],
  ] as const) {
    assert.throws(() => decodeAcl(parseFastjson(POLICY.replace(from, to))), { message: reason });
  }
});

test('entries of the same resource replace each other, others stay', () => {
  const { store } = openFixture();
  store.change((tables) => {
    tables.createUser({ username: 'a', password: 'p' });
    tables.setAcl(decodeAcl(parseFastjson(POLICY)));
    tables.setAcl(decodeAcl(parseFastjson(POLICY.replace('Topic:x*', 'Group:g'))));
    tables.setAcl(decodeAcl(parseFastjson(POLICY.replace('Allow', 'Deny'))));
  });
  const entries = store.tables.acls.get('User:a')?.policies[0]?.entries ?? [];
  assert.deepEqual(
    entries.map(({ resource, decision }) => [resource.type, decision]),
    [
      ['Topic', 'Deny'],
      ['Group', 'Allow'],
    ],
  );
  assert.equal(store.tables.listAcls('a', 'Group:').length, 1);
  assert.equal(store.tables.listAcls('nobody', '').length, 0);
  assert.equal(store.tables.listUsers('adm').length, 1);
});

function textOf(files: ReturnType<typeof openFixture>['files'], path: string): string {
  const handle = files.open(path, 'r');
  const bytes = Buffer.alloc(handle.size());
  handle.readSync(bytes, 0, bytes.length, 0);
  handle.close();
  return bytes.toString('utf8');
}
