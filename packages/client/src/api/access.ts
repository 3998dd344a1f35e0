/** Users and policies of ACL 2.0, at one broker. */
import {
  type JsonInputObject,
  type JsonValue,
  jsonArrayOr,
  jsonObject,
  jsonString,
  jsonStringOr,
  parseFastjson,
  stringifyJson,
} from '@skylarkmq/base';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';

/** Who may sign requests. A `Super` user may do everything, a `Normal` one what policies allow. */
export interface UserInfo {
  readonly username: string;
  readonly userType: 'Super' | 'Normal';
  readonly userStatus: 'enable' | 'disable';
}

/** Policies of a subject. */
export interface AclInfo {
  /** `User:name`. */
  readonly subject: string;
  readonly policies: readonly AclPolicy[];
}

/** Entries that count always (`Custom`), or where no custom one matches (`Default`). */
export interface AclPolicy {
  readonly policyType: 'Custom' | 'Default';
  readonly entries: readonly AclEntry[];
}

/** What is allowed or denied. */
export interface AclEntry {
  /** `Topic:name`, `Group:prefix*`, `Cluster:*`, or `*`. */
  readonly resource: string;
  /** `All`, `Pub`, `Sub`, `Create`, `Update`, `Delete`, `Get`, `List`. */
  readonly actions: readonly string[];
  readonly decision: 'Allow' | 'Deny';
  /** Addresses or ranges that it counts for; none: all. */
  readonly sourceIps?: readonly string[];
}

/** Asks one broker about users or policies; the body of the answer, if it has one. */
export async function askAccess(
  requester: Requester,
  address: string,
  what: {
    readonly code: number;
    readonly ext: ReadonlyMap<string, string>;
    readonly body?: JsonInputObject;
    readonly name: string;
  },
): Promise<JsonValue | undefined> {
  const { code, ext, body, name } = what;
  const bytes = body === undefined ? null : Buffer.from(stringifyJson(body), 'utf8');
  const answer = await requester.request(address, { code, ext, body: bytes });
  expectSuccess(answer, `${name} at ${address}`);
  return answer.body === null ? undefined : parseFastjson(answer.body.toString('utf8'));
}

export function decodeUserInfo(value: JsonValue): UserInfo {
  const object = jsonObject(value, 'user');
  const isNormal = jsonStringOr(object.get('userType'), 'userType', 'Normal') === 'Normal';
  const isEnabled = jsonStringOr(object.get('userStatus'), 'userStatus', 'enable') === 'enable';
  return {
    username: jsonString(object.get('username'), 'username'),
    userType: isNormal ? 'Normal' : 'Super',
    userStatus: isEnabled ? 'enable' : 'disable',
  };
}

export function decodeAclInfo(value: JsonValue): AclInfo {
  const object = jsonObject(value, 'acl');
  return {
    subject: jsonString(object.get('subject'), 'subject'),
    policies: jsonArrayOr(object.get('policies'), 'policies').map((policy) => {
      const { type, entries } = policyParts(policy);
      return { policyType: type === 'Default' ? 'Default' : 'Custom', entries };
    }),
  };
}

export function aclInfoJson({ subject, policies }: AclInfo): JsonInputObject {
  return {
    subject,
    policies: policies.map(({ policyType, entries }) => ({
      policyType,
      entries: entries.map(({ resource, actions, decision, sourceIps }) => ({
        ...{ resource, actions, decision },
        ...(sourceIps === undefined ? {} : { sourceIps }),
      })),
    })),
  };
}

function policyParts(value: JsonValue): { type: string; entries: readonly AclEntry[] } {
  const object = jsonObject(value, 'policy');
  const type = jsonStringOr(object.get('policyType'), 'policyType', 'Custom');
  return { type, entries: jsonArrayOr(object.get('entries'), 'entries').map(decodeEntry) };
}

function decodeEntry(value: JsonValue): AclEntry {
  const object = jsonObject(value, 'entry');
  const texts = (name: string): string[] =>
    jsonArrayOr(object.get(name), name).map((one) => jsonString(one, name));
  const sourceIps = texts('sourceIps');
  const decision = jsonStringOr(object.get('decision'), 'decision', 'Deny');
  return {
    resource: jsonString(object.get('resource'), 'resource'),
    actions: texts('actions'),
    decision: decision === 'Allow' ? 'Allow' : 'Deny',
    ...(sourceIps.length === 0 ? {} : { sourceIps }),
  };
}
