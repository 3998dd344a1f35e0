/** Policies: what a user may do with which resources, from where. */
import { parseIpRange } from './ip-range.ts';
import { comparePatterns, matchesResource, type ResourcePattern } from './resource.ts';

export const ACTIONS = ['All', 'Pub', 'Sub', 'Create', 'Update', 'Delete', 'Get', 'List'] as const;
export const DECISIONS = ['Allow', 'Deny'] as const;
/** Default policies count only where no custom one matches. */
export const POLICY_TYPES = ['Custom', 'Default'] as const;

export type Action = (typeof ACTIONS)[number];
export type Decision = (typeof DECISIONS)[number];
export type PolicyType = (typeof POLICY_TYPES)[number];

export interface PolicyEntry {
  readonly resource: ResourcePattern;
  readonly actions: readonly Action[];
  /** Addresses or ranges; empty: from anywhere. */
  readonly sourceIps: readonly string[];
  readonly decision: Decision;
}

export interface Policy {
  readonly policyType: PolicyType;
  readonly entries: readonly PolicyEntry[];
}

/** What a request does: any one of the actions is enough. */
export interface Access {
  readonly type: ResourcePattern['type'];
  readonly name: string;
  readonly actions: readonly Action[];
}

/** Whether the policies allow it; undefined when none of them speaks of it. */
// RocketMQ: AclAuthorizationHandler#matchPolicyEntries
export function decide(
  policies: readonly Policy[],
  access: Access,
  sourceIp: string,
): Decision | undefined {
  for (const type of POLICY_TYPES) {
    const entries = policies.find(({ policyType }) => policyType === type)?.entries ?? [];
    const best = entries
      .filter((entry) => applies(entry, access, sourceIp))
      .sort(nearestFirst)
      .at(0);
    if (best !== undefined) return best.decision;
  }
  return undefined;
}

function applies(entry: PolicyEntry, access: Access, sourceIp: string): boolean {
  if (!matchesResource(entry.resource, access.type, access.name)) return false;
  const isAll = entry.actions.includes('All');
  if (!isAll && !access.actions.some((action) => entry.actions.includes(action))) return false;
  const { sourceIps } = entry;
  return sourceIps.length === 0 || sourceIps.some((range) => parseIpRange(range)?.(sourceIp));
}

/** Of two that are as near, the one that denies. */
function nearestFirst(left: PolicyEntry, right: PolicyEntry): number {
  const nearer = comparePatterns(left.resource, right.resource);
  if (nearer !== 0 || left.decision === right.decision) return nearer;
  return left.decision === 'Deny' ? -1 : 1;
}
