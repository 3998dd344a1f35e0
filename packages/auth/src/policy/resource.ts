/** What policies speak of: `Topic:orders`, `Group:pay-*`, `Cluster:*`, or `*` for everything. */
import { isRetryTopic, RETRY_PREFIX } from '@skylarkmq/message';
import { nameIn } from './name-in.ts';

const RESOURCE_TYPES = ['Cluster', 'Namespace', 'Topic', 'Group'] as const;

export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** A resource that a policy names; `type` is 'Any' for `*`. */
export interface ResourcePattern {
  readonly type: ResourceType | 'Any';
  readonly kind: 'any' | 'literal' | 'prefix';
  /** The name or its beginning; empty for 'any'. */
  readonly name: string;
}

/** Undefined when the text is no resource. */
// RocketMQ: Resource#of
export function parseResource(text: string): ResourcePattern | undefined {
  if (text === '*') return { type: 'Any', kind: 'any', name: '' };
  const colon = text.indexOf(':');
  const type = nameIn(RESOURCE_TYPES, colon < 0 ? text : text.slice(0, colon));
  if (type === undefined || colon < 0) return undefined;
  const name = text.slice(colon + 1);
  if (name.trim() === '') return undefined;
  if (name === '*') return { type, kind: 'any', name: '' };
  if (!name.endsWith('*')) return { type, kind: 'literal', name };
  return { type, kind: 'prefix', name: name.slice(0, name.indexOf('*')) };
}

/** The text of a pattern, as tools show it. */
export function resourceText({ type, kind, name }: ResourcePattern): string {
  if (type === 'Any') return '*';
  if (kind === 'any') return `${type}:*`;
  return kind === 'prefix' ? `${type}:${name}*` : `${type}:${name}`;
}

export function matchesResource(pattern: ResourcePattern, type: string, name: string): boolean {
  if (pattern.type === 'Any') return true;
  if (pattern.type !== type) return false;
  if (pattern.kind === 'any') return true;
  return pattern.kind === 'prefix' ? name.startsWith(pattern.name) : name === pattern.name;
}

const KIND_ORDER = { literal: 0, prefix: 1, any: 2 } as const;

/** Negative when `left` is nearer to what is asked for: of a type, literal, the longer prefix. */
// RocketMQ: AclAuthorizationHandler#comparePolicyEntries
export function comparePatterns(left: ResourcePattern, right: ResourcePattern): number {
  if (left.type !== right.type) {
    return Number(left.type === 'Any') - Number(right.type === 'Any');
  }
  if (left.kind !== right.kind) return KIND_ORDER[left.kind] - KIND_ORDER[right.kind];
  return left.kind === 'prefix' ? right.name.length - left.name.length : 0;
}

/** The group of a retry topic; a group's name stays itself. */
// RocketMQ: Resource#ofGroup
export function groupName(name: string): string {
  return isRetryTopic(name) ? name.slice(RETRY_PREFIX.length) : name;
}
