/** Users and their policies, and the rules by which both change. It knows no file. */
import type { Policy, PolicyEntry, PolicyType } from '../policy/policy.ts';
import { type ResourcePattern, resourceText } from '../policy/resource.ts';
import { subjectOf, type User } from '../user/user.ts';
import { type Acl, refused, type UserChange } from './auth-json.ts';

const USERS_MAX = 10_000;
const USERNAME_LENGTH_MAX = 255;
/** Of one user: they are walked over for every new pair of topic and action. */
const ENTRIES_MAX = 1000;

export class AuthTables {
  readonly users: Map<string, User> = new Map();
  /** Subject -> policies. */
  readonly acls: Map<string, Acl> = new Map();

  // RocketMQ: AuthenticationMetadataManagerImpl#createUser
  createUser(change: UserChange): void {
    const { username, password } = change;
    if (username.trim() === '') throw refused('username can not be blank');
    if (password === undefined) throw refused('password can not be blank');
    if (username.length > USERNAME_LENGTH_MAX) {
      throw refused(`A username has at most ${USERNAME_LENGTH_MAX} characters`);
    }
    if (this.users.has(username)) throw refused('The user is existed');
    if (this.users.size >= USERS_MAX) throw refused(`There are ${USERS_MAX} users already`);
    this.users.set(username, {
      username,
      password,
      userType: change.userType ?? 'Normal',
      userStatus: change.userStatus ?? 'enable',
    });
  }

  updateUser(change: UserChange): void {
    const user = this.users.get(change.username);
    if (user === undefined) throw refused('The user is not exist');
    this.users.set(change.username, { ...user, ...change });
  }

  /** The policies go with the user. Nothing happens when there is none. */
  deleteUser(username: string): void {
    if (username.trim() === '') throw refused('username can not be blank');
    this.users.delete(username);
    this.acls.delete(subjectOf(username));
  }

  /** Also for a change: entries of resources that are there already are replaced. */
  // RocketMQ: AuthorizationMetadataManagerImpl#createAcl, Acl#updatePolicy
  setAcl(acl: Acl): void {
    this.#requireUser(acl.subject, `The subject of ${acl.subject} is not exist.`);
    const policies = new Map<PolicyType, Map<string, PolicyEntry>>();
    for (const policy of [...(this.acls.get(acl.subject)?.policies ?? []), ...acl.policies]) {
      const entries = policies.get(policy.policyType) ?? new Map<string, PolicyEntry>();
      policies.set(policy.policyType, entries);
      for (const entry of policy.entries) entries.set(resourceText(entry.resource), entry);
      if (entries.size <= ENTRIES_MAX) continue;
      throw refused(`${acl.subject} has more than ${ENTRIES_MAX} entries in a policy`);
    }
    const merged = [...policies].map(([policyType, entries]) => ({
      policyType,
      entries: [...entries.values()],
    }));
    this.acls.set(acl.subject, { subject: acl.subject, policies: merged });
  }

  /** Without a resource all policies of the subject go. */
  deleteAcl(subject: string, type: PolicyType, resource: ResourcePattern | undefined): void {
    this.#requireUser(subject, 'The subject is not exist.');
    const acl = this.acls.get(subject);
    if (acl === undefined) throw refused('The acl is not exist.');
    if (resource === undefined) {
      this.acls.delete(subject);
      return;
    }
    const text = resourceText(resource);
    const policies = acl.policies
      .map((policy) => (policy.policyType === type ? without(policy, text) : policy))
      .filter(({ entries }) => entries.length > 0);
    if (policies.length === 0) this.acls.delete(subject);
    else this.acls.set(subject, { subject, policies });
  }

  getAcl(subject: string): Acl | undefined {
    this.#requireUser(subject, 'The subject is not exist.');
    return this.acls.get(subject);
  }

  listUsers(filter: string): readonly User[] {
    return [...this.users.values()].filter(({ username }) => username.includes(filter));
  }

  /** Policies whose subject and resource have these texts in them. */
  // RocketMQ: LocalAuthorizationMetadataProvider#listAcl
  listAcls(subjectFilter: string, resourceFilter: string): readonly Acl[] {
    const found: Acl[] = [];
    for (const { subject, policies } of this.acls.values()) {
      if (!subject.includes(subjectFilter)) continue;
      const matching = policies
        .map(({ policyType, entries }) => ({
          policyType,
          entries: entries.filter(({ resource }) =>
            resourceText(resource).includes(resourceFilter),
          ),
        }))
        .filter(({ entries }) => entries.length > 0);
      if (matching.length > 0) found.push({ subject, policies: matching });
    }
    return found;
  }

  #requireUser(subject: string, remark: string): void {
    if (!this.users.has(subject.slice(subject.indexOf(':') + 1))) throw refused(remark);
  }
}

function without(policy: Policy, resource: string): Policy {
  const entries = policy.entries.filter((entry) => resourceText(entry.resource) !== resource);
  return { policyType: policy.policyType, entries };
}
