/** Users and policies as JSON: of requests, of answers, of the file. */
import {
  type JsonInputObject,
  type JsonValue,
  jsonArrayOr,
  jsonObject,
  jsonString,
  jsonStringOr,
  MqError,
  MqErrorCode,
} from '@skylarkmq/base';
import { ResponseCode } from '@skylarkmq/wire';
import { parseIpRange } from '../policy/ip-range.ts';
import { nameIn } from '../policy/name-in.ts';
import {
  ACTIONS,
  DECISIONS,
  POLICY_TYPES,
  type Policy,
  type PolicyEntry,
} from '../policy/policy.ts';
import { parseResource, resourceText } from '../policy/resource.ts';
import { USER_STATUSES, USER_TYPES, type User } from '../user/user.ts';

/** The policies of a subject. */
export interface Acl {
  /** `User:name`. */
  readonly subject: string;
  readonly policies: readonly Policy[];
}

/** A user as a request has it: what is left out stays, or gets its default. */
export type UserChange = { readonly username: string } & Partial<Omit<User, 'username'>>;

/** A request that cannot be done, in Apache's words where it has some. */
export function refused(remark: string): MqError {
  const options = { responseCode: ResponseCode.NoPermission };
  return new MqError(MqErrorCode.InvalidArgument, remark, options);
}

// RocketMQ: UserConverter#convertUser
export function decodeUserChange(value: JsonValue, username: string): UserChange {
  const object = jsonObject(value, 'user');
  const text = (name: string): string => jsonStringOr(object.get(name), name, '');
  const password = text('password');
  const userType = nameIn(USER_TYPES, text('userType'));
  const userStatus = nameIn(USER_STATUSES, text('userStatus'));
  if (userType === undefined && text('userType') !== '') {
    throw refused(`userType must be ${USER_TYPES.join(' or ')}`);
  }
  if (userStatus === undefined && text('userStatus') !== '') {
    throw refused(`userStatus must be ${USER_STATUSES.join(' or ')}`);
  }
  return {
    username,
    ...(password.trim() === '' ? {} : { password }),
    ...(userType === undefined ? {} : { userType }),
    ...(userStatus === undefined ? {} : { userStatus }),
  };
}

/** For answers: without the password. */
export function publicUserJson({ username, userType, userStatus }: User): JsonInputObject {
  return { userStatus, userType, username };
}

/** For the file. */
export function userJson(user: User): JsonInputObject {
  const { username, password, userType, userStatus } = user;
  return { username, password, userType, userStatus };
}

export function decodeUser(value: JsonValue): User {
  const username = jsonString(jsonObject(value, 'user').get('username'), 'username');
  const change = decodeUserChange(value, username);
  return {
    username,
    password: change.password ?? '',
    userType: change.userType ?? 'Normal',
    userStatus: change.userStatus ?? 'enable',
  };
}

/** A subject must be `User:name`. */
export function decodeAcl(value: JsonValue, subject?: string): Acl {
  const object = jsonObject(value, 'acl');
  const given = jsonStringOr(object.get('subject'), 'subject', '');
  const policies = jsonArrayOr(object.get('policies'), 'policies').map(decodePolicy);
  if (policies.length === 0) throw refused('The policies is empty.');
  return { subject: parseSubject(given === '' ? subject : given), policies };
}

/** The subject in its one spelling. */
// RocketMQ: Subject#of
export function parseSubject(text: string | undefined): string {
  const colon = text?.indexOf(':') ?? -1;
  const kind = text?.slice(0, colon).toLowerCase();
  const name = text?.slice(colon + 1).trim() ?? '';
  if (text === undefined || kind !== 'user' || name === '') {
    throw refused('The subject must be User:name.');
  }
  return `User:${name}`;
}

export function aclJson({ subject, policies }: Acl): JsonInputObject {
  return {
    policies: policies.map(({ policyType, entries }) => ({
      entries: entries.map((entry) => ({
        actions: entry.actions,
        decision: entry.decision,
        resource: resourceText(entry.resource),
        ...(entry.sourceIps.length === 0 ? {} : { sourceIps: entry.sourceIps }),
      })),
      policyType,
    })),
    subject,
  };
}

// RocketMQ: AuthorizationMetadataManagerImpl#validate
function decodePolicy(value: JsonValue): Policy {
  const object = jsonObject(value, 'policy');
  const type = jsonStringOr(object.get('policyType'), 'policyType', '');
  const policyType = type === '' ? 'Custom' : nameIn(POLICY_TYPES, type);
  if (policyType === undefined) throw refused(`policyType must be ${POLICY_TYPES.join(' or ')}`);
  const entries = jsonArrayOr(object.get('entries'), 'entries').map(decodeEntry);
  if (entries.length === 0) throw refused('The policy entries is empty.');
  return { policyType, entries };
}

function decodeEntry(value: JsonValue): PolicyEntry {
  const object = jsonObject(value, 'entry');
  const resource = parseResource(jsonStringOr(object.get('resource'), 'resource', ''));
  if (resource === undefined) throw refused(`The resource is null. ${RESOURCE_HINT}`);
  const actions = textsOf(object.get('actions'), 'actions').map((text) => {
    const action = nameIn(ACTIONS, text);
    if (action !== undefined) return action;
    throw refused(
      text.toLowerCase() === 'any'
        ? 'The actions can not be Any.'
        : `There is no action ${text.slice(0, 40)}: use ${ACTIONS.join(', ')}`,
    );
  });
  if (actions.length === 0) throw refused('The actions is empty.');
  const sourceIps = textsOf(object.get('sourceIps'), 'sourceIps');
  for (const ip of sourceIps) {
    if (ip.trim() === '') throw refused('The source ip is empty.');
    if (parseIpRange(ip) === undefined) throw refused('The source ip is invalid.');
  }
  const decision = nameIn(DECISIONS, jsonStringOr(object.get('decision'), 'decision', ''));
  if (decision === undefined) throw refused('The decision is null or illegal.');
  return { resource, actions, sourceIps, decision };
}

const RESOURCE_HINT = 'Use Topic:name, Group:prefix*, Cluster:* or *';

function textsOf(value: JsonValue | undefined, name: string): string[] {
  return jsonArrayOr(value, name).map((one) => jsonString(one, name));
}
