import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ACTIONS,
  type Access,
  type Action,
  DECISIONS,
  decide,
  type Policy,
  type PolicyEntry,
} from '../../src/policy/policy.ts';
import { parseResource, type ResourcePattern } from '../../src/policy/resource.ts';

function entry(
  resource: string,
  decision: PolicyEntry['decision'],
  actions: readonly Action[] = ['Pub'],
  sourceIps: readonly string[] = [],
): PolicyEntry {
  const pattern = parseResource(resource);
  assert.ok(pattern !== undefined, resource);
  return { resource: pattern, actions, decision, sourceIps };
}

function custom(...entries: readonly PolicyEntry[]): readonly Policy[] {
  return [{ policyType: 'Custom', entries }];
}

const PUB_T: Access = { type: 'Topic', name: 'orders-eu', actions: ['Pub'] };
const HERE = '10.1.2.3';

test('the entry nearest to the resource decides, whatever the order', () => {
  const ladder = ['*', 'Topic:*', 'Topic:o*', 'Topic:orders*', 'Topic:orders-eu'];
  for (let near = 1; near < ladder.length; near++) {
    const [far = '', close = ''] = [ladder[near - 1], ladder[near]];
    for (const [allow, deny] of [
      [close, far],
      [far, close],
    ] as const) {
      const entries = [entry(allow, 'Allow'), entry(deny, 'Deny')];
      const wanted = allow === close ? 'Allow' : 'Deny';
      assert.equal(decide(custom(...entries), PUB_T, HERE), wanted, `${allow} ${deny}`);
      assert.equal(decide(custom(...entries.reverse()), PUB_T, HERE), wanted);
    }
  }
});

test('of two equally near the one that denies wins', () => {
  const entries = [entry('Topic:*', 'Allow'), entry('Topic:*', 'Deny')];
  assert.equal(decide(custom(...entries), PUB_T, HERE), 'Deny');
});

test('default policies count where no custom one matches', () => {
  const policies: readonly Policy[] = [
    { policyType: 'Default', entries: [entry('Topic:orders-eu', 'Allow')] },
    { policyType: 'Custom', entries: [entry('Topic:*', 'Deny', ['Sub'])] },
  ];
  assert.equal(decide(policies, PUB_T, HERE), 'Allow');
  assert.equal(decide(policies, { ...PUB_T, actions: ['Sub'] }, HERE), 'Deny');
});

test('an entry counts for its actions and addresses only', () => {
  const policies = custom(entry('Topic:*', 'Allow', ['Pub'], ['10.0.0.0/8', '::1']));
  assert.equal(decide(policies, PUB_T, HERE), 'Allow');
  assert.equal(decide(policies, PUB_T, '[::1]'), 'Allow');
  assert.equal(decide(policies, PUB_T, '11.0.0.1'), undefined);
  assert.equal(decide(policies, { ...PUB_T, actions: ['Sub', 'Get'] }, HERE), undefined);
  assert.equal(decide(policies, { ...PUB_T, actions: ['Sub', 'Pub'] }, HERE), 'Allow');
  assert.equal(decide(policies, { ...PUB_T, type: 'Group' }, HERE), undefined);
  assert.equal(decide(custom(entry('*', 'Allow', ['All'])), PUB_T, HERE), 'Allow');
});

/** The rule of Apache, said in another way: the best score wins, and Deny among equals. */
function model(entries: readonly PolicyEntry[], access: Access): string | undefined {
  const score = ({ type, kind, name }: ResourcePattern): number => {
    if (type === 'Any') return 0;
    return kind === 'any' ? 1 : kind === 'prefix' ? 2 + name.length : 1000;
  };
  const fits = entries.filter(({ resource, actions }) => {
    if (!actions.includes('All') && !actions.some((one) => access.actions.includes(one))) {
      return false;
    }
    if (resource.type === 'Any') return true;
    if (resource.type !== access.type) return false;
    if (resource.kind === 'any') return true;
    return resource.kind === 'literal'
      ? access.name === resource.name
      : access.name.startsWith(resource.name);
  });
  const best = Math.max(...fits.map(({ resource }) => score(resource)));
  const winners = fits.filter(({ resource }) => score(resource) === best);
  if (winners.length === 0) return undefined;
  return winners.some(({ decision }) => decision === 'Deny') ? 'Deny' : 'Allow';
}

test('any set of entries decides as the model does', () => {
  const name = fc.stringMatching(/^[ab]{1,4}$/);
  const resource = fc.oneof(
    fc.constant('*'),
    fc
      .tuple(fc.constantFrom('Topic', 'Group', 'Cluster'), name, fc.constantFrom('', '*'))
      .map(([type, text, star]) => `${type}:${text}${star}`),
    fc.constantFrom('Topic:*', 'Group:*'),
  );
  const actions = fc.subarray([...ACTIONS], { minLength: 1 });
  const anyEntry = fc
    .tuple(resource, fc.constantFrom(...DECISIONS), actions)
    .map(([text, decision, some]) => entry(text, decision, some));
  const access = fc.record({
    type: fc.constantFrom('Topic' as const, 'Group' as const),
    name,
    actions: fc.subarray<Action>(['Pub', 'Sub', 'Get'], { minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 8 }), access, (entries, asked) => {
      assert.equal(decide(custom(...entries), asked, HERE), model(entries, asked));
    }),
    { numRuns: 2000 },
  );
});
