/** The keys of a configuration file that say who may do what. */

import type { FirstUser } from '@skylarkmq/auth';
import { type JsonValue, jsonObject, jsonString, MqError, parseFastjson } from '@skylarkmq/base';
import type { RequestCredentials } from '@skylarkmq/remoting';

/** What the file says. Where an ACL 1.0 file is, its reader knows. */
export interface ConfiguredAccess {
  readonly aclEnable?: boolean;
  readonly authenticationEnabled?: boolean;
  readonly authorizationEnabled?: boolean;
  readonly authenticationWhitelist?: readonly number[];
  readonly authorizationWhitelist?: readonly number[];
  readonly initAuthenticationUser?: FirstUser;
  /** The broker's own name towards other servers; a super user here. */
  readonly innerClientAuthenticationCredentials?: RequestCredentials;
  readonly migrateAuthFromV1Enabled?: boolean;
}

type Value = number | boolean | string;
type Reader = (text: string) => ConfiguredAccess;

export function isAccessKey(key: string): boolean {
  return READERS.has(key);
}

/** `access` with what a key says; a value that is not right is a problem. */
export function applyAccessKey(
  access: ConfiguredAccess,
  key: string,
  value: Value,
  problems: string[],
): ConfiguredAccess {
  const text = String(value);
  try {
    return text === '' ? access : { ...access, ...READERS.get(key)?.(text) };
  } catch (error) {
    // The value may be a secret: it is not shown.
    problems.push(`${key} is not right: ${MqError.from(error).message}`);
    return access;
  }
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['aclEnable', (text) => ({ aclEnable: text === 'true' })],
  ['authenticationEnabled', (text) => ({ authenticationEnabled: text === 'true' })],
  ['authorizationEnabled', (text) => ({ authorizationEnabled: text === 'true' })],
  ['migrateAuthFromV1Enabled', (text) => ({ migrateAuthFromV1Enabled: text === 'true' })],
  ['authenticationWhitelist', (text) => ({ authenticationWhitelist: codes(text) })],
  ['authorizationWhitelist', (text) => ({ authorizationWhitelist: codes(text) })],
  ['initAuthenticationUser', (text) => ({ initAuthenticationUser: firstUser(text) })],
  [
    'innerClientAuthenticationCredentials',
    (text) => ({ innerClientAuthenticationCredentials: credentials(text) }),
  ],
]);

function codes(text: string): readonly number[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      if (/^\d{1,9}$/.test(part)) return Number(part);
      throw new Error('it must be request codes with commas between, such as 105,310');
    });
}

function firstUser(text: string): FirstUser {
  const [username, password] = pair(text, 'username', 'password');
  return { username, password };
}

function credentials(text: string): RequestCredentials {
  const [accessKey, secretKey] = pair(text, 'accessKey', 'secretKey');
  return { accessKey, secretKey };
}

function pair(text: string, name: string, secret: string): readonly [string, string] {
  const form = `it must be {"${name}":"...","${secret}":"..."}`;
  const object = jsonObject(parsed(text, form), 'it');
  const values = [name, secret].map((key) => jsonString(object.get(key), key).trim());
  const [first = '', second = ''] = values;
  if (first === '' || second === '') throw new Error(form);
  return [first, second];
}

/** What a parser says shows a part of the text. */
function parsed(text: string, form: string): JsonValue {
  try {
    return parseFastjson(text);
  } catch (error) {
    throw new Error(form, { cause: error });
  }
}
