import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MqErrorCode } from '@skylarkmq/base';
import { decodeAcl } from '../src/store/auth-json.ts';
import { ADMIN, type Fixture, openFixture, request } from './fixture.ts';

const ON = { authenticationEnabled: true, authorizationEnabled: true };
const ALICE = { accessKey: 'alice', secretKey: 'alice-secret' };
const SEND = request(310, {
  a: 'p',
  b: 'orders',
  c: 'TBW102',
  d: '4',
  e: '0',
  f: '0',
  g: '0',
  h: '0',
});
const ELSEWHERE = '10.1.1.1:5000';

function withAlice(fixture: Fixture, resource: string, decision = 'Allow'): Fixture {
  fixture.store.change((tables) => {
    tables.createUser({ username: 'alice', password: ALICE.secretKey });
    const entries = [{ resource, actions: ['Pub'], decision, sourceIps: [] }];
    const acl = { subject: 'User:alice', policies: [{ policyType: 'Custom', entries }] };
    const value = new Map(
      Object.entries({ subject: acl.subject, policies: acl.policies.map(asMap) }),
    );
    tables.setAcl(decodeAcl(value));
  });
  return fixture;
}

function asMap(policy: {
  readonly policyType: string;
  readonly entries: readonly Readonly<Record<string, string | string[]>>[];
}): Map<string, string | Map<string, string | string[]>[]> {
  const entries = policy.entries.map((one) => new Map(Object.entries(one)));
  return new Map<string, string | Map<string, string | string[]>[]>([
    ['policyType', policy.policyType],
    ['entries', entries],
  ]);
}

test('without a right signature nobody gets in, in the official words', () => {
  const fixture = withAlice(openFixture(ON), 'Topic:*');
  assert.match(fixture.ask(SEND) ?? '', /^username cannot be null\. .*accessKey/);
  assert.equal(fixture.ask(SEND, { accessKey: 'bob', secretKey: 'x' }), 'User:bob is not found.');
  const wrong = { accessKey: 'alice', secretKey: 'wrong' };
  assert.equal(fixture.ask(SEND, wrong), 'check signature failed.');
  assert.equal(fixture.ask(SEND, ALICE), undefined);
  fixture.store.change((tables) => tables.updateUser({ username: 'alice', userStatus: 'disable' }));
  assert.equal(fixture.ask(SEND, ALICE), 'User:alice is disabled.');
});

test('a user may do what the policies allow', () => {
  const fixture = withAlice(openFixture(ON), 'Topic:orders');
  assert.equal(fixture.ask(SEND, ALICE), undefined);
  const other = request(310, { ...Object.fromEntries(SEND.ext ?? []), b: 'secrets' });
  const refusal = 'User:alice has no permission to access Topic:secrets from 127.0.0.1';
  assert.equal(fixture.ask(other, ALICE), `${refusal}, no matched policies.`);
  assert.equal(fixture.ask(other, ADMIN), undefined);
  const denied = withAlice(openFixture(ON), 'Topic:*', 'Deny');
  assert.match(denied.ask(SEND, ALICE) ?? '', /, the decision is deny\.$/);
});

test('a change of policies counts at once', () => {
  const fixture = withAlice(openFixture(ON), 'Topic:orders');
  assert.equal(fixture.ask(SEND, ALICE), undefined);
  fixture.store.change((tables) => tables.deleteAcl('User:alice', 'Custom', undefined));
  assert.match(fixture.ask(SEND, ALICE) ?? '', /no matched policies/);
});

test('codes without a rule are for super users', () => {
  const fixture = withAlice(openFixture(ON), '*');
  assert.match(fixture.ask(request(9999), ALICE) ?? '', /request code 9999: only super users/);
  assert.equal(fixture.ask(request(9999), ADMIN), undefined);
});

test('whitelists spare a code the signature or the policy', () => {
  const options = { ...ON, authenticationWhitelist: [105], authorizationWhitelist: [105, 310] };
  const fixture = openFixture(options);
  fixture.store.change((tables) => {
    tables.createUser({ username: 'alice', password: ALICE.secretKey });
  });
  assert.equal(fixture.ask(request(105, { topic: 'T' })), undefined);
  assert.match(fixture.ask(SEND) ?? '', /username cannot be null/);
  assert.equal(fixture.ask(SEND, ALICE), undefined, 'no policy is needed');
});

test('a change that needs no signature still does from another machine', () => {
  const options = { ...ON, authenticationWhitelist: [17], authorizationWhitelist: [17] };
  const fixture = openFixture(options);
  assert.equal(fixture.ask(request(17, { topic: 'T' })), undefined);
  assert.match(fixture.ask(request(17, { topic: 'T' }), undefined, ELSEWHERE) ?? '', /sign with/);
});

test('without access control changes come from this machine or from a user', () => {
  const fixture = openFixture();
  const change = request(25, { x: 'y' });
  assert.equal(fixture.ask(change), undefined);
  assert.equal(fixture.ask(change, undefined, '10.9.9.9:1'), undefined, 'its own address');
  assert.match(
    fixture.ask(change, undefined, ELSEWHERE) ?? '',
    /UpdateBrokerConfig \(25\) changes/,
  );
  assert.equal(fixture.ask(change, ADMIN, ELSEWHERE), undefined);
  assert.match(fixture.ask(change, { ...ADMIN, secretKey: 'no' }, ELSEWHERE) ?? '', /signature/);
  assert.equal(openFixture({}, {}, true).ask(change, undefined, ELSEWHERE), undefined);
  assert.equal(fixture.control.guard().codes?.has(310), false, 'sends are not looked at');
});

test('options that contradict each other are refused', () => {
  const wrong = { code: MqErrorCode.InvalidArgument };
  assert.throws(() => openFixture({ authorizationEnabled: true }), wrong);
  assert.throws(() => openFixture({ ...ON, plainAclPath: '/acl.yml' }), wrong);
});
