/** Makes users and policies of the accounts of an ACL 1.0 file. */
import { MqError } from '@skylarkmq/base';
import type { Action, PolicyEntry } from '../policy/policy.ts';
import type { ResourcePattern } from '../policy/resource.ts';
import type { AuthStore } from '../store/auth-store.ts';
import type { AuthTables } from '../store/auth-tables.ts';
import { subjectOf } from '../user/user.ts';
import { Permission, type PlainAccount } from './plain-accounts.ts';
import { PlainAcl, type PlainAclDeps } from './plain-acl.ts';

/**
 * Accounts that are users already stay as they are, so it can be done at every start. Addresses
 * that needed no signature are not taken over: there is no such thing in ACL 2.0.
 */
// RocketMQ: AuthMigrator#migrate
export function migratePlainAcl(store: AuthStore, deps: PlainAclDeps): void {
  const { fileSystem, path, logger } = deps;
  if (!fileSystem.exists(path)) {
    logger.warn({ path }, 'There is no ACL 1.0 file to take accounts from');
    return;
  }
  const plain = new PlainAcl(deps);
  plain.open();
  plain.close();
  const accounts = [...plain.accounts.accounts.values()];
  const fresh = accounts.filter(({ accessKey }) => !store.tables.users.has(accessKey));
  if (fresh.length === 0) return;
  try {
    store.change((tables) => {
      for (const account of fresh) addAccount(tables, account);
    });
  } catch (error) {
    const { code, message } = MqError.from(error);
    throw new MqError(code, `${path} cannot be taken over: ${message}`, { cause: error });
  }
  logger.info({ path, users: fresh.length }, 'Accounts of ACL 1.0 are users now');
}

function addAccount(tables: AuthTables, account: PlainAccount): void {
  const { accessKey, secretKey, admin } = account;
  tables.createUser({
    username: accessKey,
    password: secretKey,
    userType: admin ? 'Super' : 'Normal',
  });
  const custom = [
    ...entriesOf('Topic', account.topicPerms),
    ...entriesOf('Group', account.groupPerms),
  ];
  const defaults = [
    entryOf({ type: 'Topic', kind: 'any', name: '' }, account.defaultTopicPerm),
    entryOf({ type: 'Group', kind: 'any', name: '' }, account.defaultGroupPerm),
  ];
  const policies = [
    { policyType: 'Custom' as const, entries: custom },
    { policyType: 'Default' as const, entries: defaults },
  ];
  tables.setAcl({
    subject: subjectOf(accessKey),
    policies: policies.filter(({ entries }) => entries.length > 0),
  });
}

function entriesOf(type: 'Topic' | 'Group', perms: ReadonlyMap<string, number>): PolicyEntry[] {
  return [...perms].map(([name, bits]) => entryOf({ type, kind: 'literal', name }, bits));
}

function entryOf(resource: ResourcePattern, bits: number): PolicyEntry {
  const isDenied = (bits & Permission.Deny) !== 0 || bits === 0;
  const actions: Action[] = [];
  if ((bits & Permission.Pub) !== 0) actions.push('Pub');
  if ((bits & Permission.Sub) !== 0) actions.push('Sub');
  return {
    resource,
    actions: isDenied ? ['All'] : actions,
    sourceIps: [],
    decision: isDenied ? 'Deny' : 'Allow',
  };
}
