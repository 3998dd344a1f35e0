/** Whether an ACL 1.0 account may do what a request does. */
import type { Access, Action } from '../policy/policy.ts';
import { Permission, type PlainAccount } from './plain-accounts.ts';

/** Undefined when it may; otherwise why not, in Apache's words. */
// RocketMQ: PlainPermissionManager#checkPerm
export function plainRefusal(
  account: PlainAccount,
  code: number,
  isAdminCode: boolean,
  accesses: readonly Access[],
): string | undefined {
  if (isAdminCode && !account.admin) {
    const who = `accessKey=${account.accessKey} is not`;
    return `Need admin permission for request code=${code}, but ${who}`;
  }
  if (account.admin && account.topicPerms.size + account.groupPerms.size === 0) return undefined;
  for (const access of accesses) {
    const needed = bitsOf(access.actions);
    if (needed === 0 || (access.type !== 'Topic' && access.type !== 'Group')) continue;
    const isTopic = access.type === 'Topic';
    const own = (isTopic ? account.topicPerms : account.groupPerms).get(access.name);
    const bits = own ?? (isTopic ? account.defaultTopicPerm : account.defaultGroupPerm);
    if ((bits & Permission.Deny) === 0 && (bits & needed) !== 0) continue;
    const resource = isTopic ? access.name : `%RETRY%${access.name}`;
    return own === undefined
      ? `No default permission for ${resource}`
      : `No permission for ${resource}`;
  }
  return undefined;
}

/** Only sending and reading have permissions in ACL 1.0. */
function bitsOf(actions: readonly Action[]): number {
  let bits = 0;
  for (const action of actions) {
    if (action === 'Pub') bits |= Permission.Pub;
    if (action === 'Sub') bits |= Permission.Sub;
  }
  return bits;
}
