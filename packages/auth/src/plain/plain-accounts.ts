/** What an ACL 1.0 file says: accounts with keys and permissions, and who needs none. */
import { MqError, MqErrorCode, nearestName } from '@skylarkmq/base';
import { isRetryTopic } from '@skylarkmq/message';
import { groupName } from '../policy/resource.ts';
import { parseRemoteAddress } from './remote-address.ts';
import type { YamlMap, YamlValue } from './yaml.ts';

export const Permission = { Deny: 1, Pub: 4, Sub: 8 } as const;

export interface PlainAccount {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly admin: boolean;
  /** Bits of `Permission`. */
  readonly defaultTopicPerm: number;
  readonly defaultGroupPerm: number;
  readonly topicPerms: ReadonlyMap<string, number>;
  readonly groupPerms: ReadonlyMap<string, number>;
  readonly whiteRemoteAddress: string;
  /** Whether requests from there need no signature. */
  isTrusted(address: string): boolean;
}

export interface PlainAccounts {
  readonly globalWhiteRemoteAddresses: readonly string[];
  isTrusted(address: string): boolean;
  /** By access key. */
  readonly accounts: ReadonlyMap<string, PlainAccount>;
}

const ACCOUNTS_MAX = 10_000;
const KEY_LENGTH_MIN = 6;
const TOP_KEYS = ['globalWhiteRemoteAddresses', 'accounts', 'dataVersion'];
const ACCOUNT_KEYS = [
  'accessKey',
  'secretKey',
  'whiteRemoteAddress',
  'admin',
  'defaultTopicPerm',
  'defaultGroupPerm',
  'topicPerms',
  'groupPerms',
];

/** INVALID_ARGUMENT that says which account and which value. */
// RocketMQ: PlainPermissionManager#load
export function readPlainAccounts(value: YamlValue): PlainAccounts {
  const top = value === null ? new Map<string, YamlValue>() : mapOf(value, 'the file');
  checkKeys(top, TOP_KEYS, 'the file');
  const addresses = textsOf(top.get('globalWhiteRemoteAddresses'), 'globalWhiteRemoteAddresses');
  const trusted = addresses.map((one) => addressOf(one, 'globalWhiteRemoteAddresses'));
  const accounts = new Map<string, PlainAccount>();
  const list = top.get('accounts') ?? [];
  if (!isList(list)) throw bad('accounts must be a list');
  if (list.length > ACCOUNTS_MAX) throw bad(`${list.length} accounts are over ${ACCOUNTS_MAX}`);
  for (const [index, one] of list.entries()) {
    const account = readAccount(mapOf(one, `account ${index + 1}`), index + 1);
    if (accounts.has(account.accessKey)) throw bad(`account ${account.accessKey} is there twice`);
    accounts.set(account.accessKey, account);
  }
  return {
    globalWhiteRemoteAddresses: addresses,
    isTrusted: (address) => trusted.some((matches) => matches(address)),
    accounts,
  };
}

function readAccount(map: YamlMap, number: number): PlainAccount {
  const accessKey = textOf(map.get('accessKey'), `accessKey of account ${number}`);
  const what = `account ${accessKey === '' ? number : accessKey}`;
  const secretKey = textOf(map.get('secretKey'), `secretKey of ${what}`);
  checkKeys(map, ACCOUNT_KEYS, what);
  if (accessKey.length <= KEY_LENGTH_MIN || secretKey.length <= KEY_LENGTH_MIN) {
    throw bad(`${what}: accessKey and secretKey need more than ${KEY_LENGTH_MIN} characters`);
  }
  const admin = textOf(map.get('admin'), `admin of ${what}`).toLowerCase();
  if (!['', 'true', 'false'].includes(admin)) throw bad(`admin of ${what} must be true or false`);
  const white = textOf(map.get('whiteRemoteAddress'), `whiteRemoteAddress of ${what}`);
  return {
    accessKey,
    secretKey,
    admin: admin === 'true',
    defaultTopicPerm: permOf(map.get('defaultTopicPerm'), `defaultTopicPerm of ${what}`),
    defaultGroupPerm: permOf(map.get('defaultGroupPerm'), `defaultGroupPerm of ${what}`),
    topicPerms: permsOf(map.get('topicPerms'), `topicPerms of ${what}`, (name) => name),
    groupPerms: permsOf(map.get('groupPerms'), `groupPerms of ${what}`, groupName),
    whiteRemoteAddress: white,
    isTrusted: addressOf(white, `whiteRemoteAddress of ${what}`),
  };
}

/** "PUB|SUB" and so on as bits; undefined for anything else. */
// RocketMQ: Permission#parsePermFromString
function parsePermission(text: string): number | undefined {
  const names = text.split('|').map((name) => name.trim());
  const bits = names.map((name) => PERMISSIONS.get(name));
  if (bits.includes(undefined) || (bits.includes(Permission.Deny) && bits.length > 1)) {
    return undefined;
  }
  return bits.reduce<number>((sum, bit) => sum | (bit ?? 0), 0);
}

/** The text of permission bits. */
export function permissionText(bits: number): string {
  if ((bits & Permission.Deny) !== 0 || bits === 0) return 'DENY';
  const names = [...PERMISSIONS].filter(([name, bit]) => name !== 'DENY' && (bits & bit) !== 0);
  return names.map(([name]) => name).join('|');
}

const PERMISSIONS: ReadonlyMap<string, number> = new Map([
  ['DENY', Permission.Deny],
  ['PUB', Permission.Pub],
  ['SUB', Permission.Sub],
]);

function permOf(value: YamlValue | undefined, what: string): number {
  const text = textOf(value, what);
  // What is not said is denied.
  const bits = text === '' ? Permission.Deny : parsePermission(text);
  if (bits === undefined) throw bad(`${what} must be DENY, PUB, SUB or PUB|SUB, not ${text}`);
  return bits;
}

function permsOf(
  value: YamlValue | undefined,
  what: string,
  nameOf: (name: string) => string,
): ReadonlyMap<string, number> {
  const perms = new Map<string, number>();
  for (const entry of textsOf(value, what)) {
    const equals = entry.lastIndexOf('=');
    const name = nameOf(entry.slice(0, Math.max(0, equals)).trim());
    const bits = parsePermission(entry.slice(equals + 1));
    if (name === '' || equals < 0 || bits === undefined || isRetryTopic(name)) {
      throw bad(`${what} must have entries like orders=PUB|SUB, not ${entry.slice(0, 80)}`);
    }
    perms.set(name, bits);
  }
  return perms;
}

function addressOf(text: string, what: string): (address: string) => boolean {
  const matches = parseRemoteAddress(text);
  if (matches !== undefined) return matches;
  const forms = 'an address like 10.1.2.3, 10.1.*.*, 10.1.2-5.*, 10.1.2.{3,4} or 10.0.0.0/8';
  throw bad(`${what} must be ${forms}, not ${text.slice(0, 80)}`);
}

function checkKeys(map: YamlMap, known: readonly string[], what: string): void {
  for (const key of map.keys()) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    throw bad(`${what} has an unknown key ${key}${nearest ? `: did you mean ${nearest}?` : ''}`);
  }
}

function mapOf(value: YamlValue, what: string): YamlMap {
  if (value instanceof Map) return value;
  throw bad(`${what} must be "key: value" lines`);
}

function textOf(value: YamlValue | undefined, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw bad(`${what} must be one value`);
}

function textsOf(value: YamlValue | undefined, what: string): string[] {
  if (value === undefined || value === null) return [];
  if (!isList(value)) throw bad(`${what} must be a list`);
  return value.map((one) => textOf(one, what)).filter((one) => one !== '');
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function bad(reason: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, reason);
}
