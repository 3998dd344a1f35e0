/** Access control as flags and configuration files ask for it. */
import { randomBytes } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { plainAdmin } from '@skylarkmq/auth';
import { type FileSystem, MqError, MqErrorCode, realFileSystem } from '@skylarkmq/base';
import type { BrokerOptions, ConfiguredAccess } from '@skylarkmq/broker';
import type { Flag, Flags } from '../cli/flags.ts';
import { prepareDirectory, readSmallFile, writeSmallFile } from './text-file.ts';

export const ACCESS_FLAGS: readonly Flag[] = [
  { name: 'auth', help: 'every request must be signed by a user who may do it (ACL 2.0)' },
  { name: 'acl', value: 'FILE', help: 'the same with the accounts of a plain_acl.yml (ACL 1.0)' },
];

export const SECRET_FLAG: Flag = {
  name: 'secret',
  value: 'FILE',
  help: 'sign requests as the user in this file (admin.secret of the server)',
};

/** The part of a broker's options that says who may do what. */
export type Access = Pick<BrokerOptions, 'access' | 'credentials'>;

/** A user with all rights, in a file that only the owner of the server can read. */
export interface AdminSecret {
  readonly path: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Whether it was made just now. */
  readonly isNew: boolean;
}

const ADMIN = 'admin';
const SECRET_BYTES = 18;
const PLAIN_ACL = 'plain_acl.yml';

/** The admin of a server; made at the first start. The file has the form of `tools.yml`. */
export function adminSecret(fileSystem: FileSystem, path: string): AdminSecret {
  if (fileSystem.exists(path)) return { path, ...readSecret(fileSystem, path), isNew: false };
  const secretKey = randomBytes(SECRET_BYTES).toString('hex');
  prepareDirectory(fileSystem, dirname(path));
  writeSmallFile(fileSystem, path, `accessKey: ${ADMIN}\nsecretKey: ${secretKey}\n`);
  return { path, accessKey: ADMIN, secretKey, isNew: true };
}

/** INVALID_ARGUMENT when the file has not both keys. */
export function readSecret(
  fileSystem: FileSystem,
  path: string,
): { accessKey: string; secretKey: string } {
  const text = readSmallFile(fileSystem, path).toString('utf8');
  const accessKey = /^accessKey:\s*(\S+)\s*$/m.exec(text)?.[1];
  const secretKey = /^secretKey:\s*(\S+)\s*$/m.exec(text)?.[1];
  if (accessKey !== undefined && secretKey !== undefined) return { accessKey, secretKey };
  const message = `${path} must have the lines "accessKey: NAME" and "secretKey: SECRET"`;
  throw new MqError(MqErrorCode.InvalidArgument, message);
}

/** What the flags say; `admin` is a super user, if there is one. */
export function accessOfFlags(
  flags: Flags,
  workingDirectory: string,
  admin: AdminSecret | undefined,
): Access {
  const acl = flags.text('acl');
  const isOn = flags.has('auth');
  if (isOn && acl !== undefined) {
    throw new MqError(MqErrorCode.InvalidArgument, '--auth and --acl are two ways: choose one');
  }
  const path = acl === undefined ? undefined : resolve(workingDirectory, acl);
  const own = path === undefined ? undefined : plainAdmin(realFileSystem, path);
  return {
    access: {
      ...(isOn ? { authenticationEnabled: true, authorizationEnabled: true } : {}),
      ...(path === undefined ? {} : { plainAclPath: path }),
      superUsers: superUsersOf(admin),
    },
    ...(isOn && admin !== undefined ? { credentials: credentialsOf(admin) } : {}),
    ...(own === undefined ? {} : { credentials: own }),
  };
}

/** A broker registers at its name server, which asks for an account that may do that. */
export function checkOwnAccount({ access, credentials }: Access): void {
  const path = access?.plainAclPath;
  if (path === undefined || credentials !== undefined) return;
  const cure = 'give one account admin: true, the broker registers at the name server with it';
  throw new MqError(MqErrorCode.InvalidArgument, `${path} has no account of an admin: ${cure}`);
}

/** What a broker's configuration file says. `directory` is where an ACL 1.0 file lies. */
export function accessOfFile(
  file: ConfiguredAccess,
  directory: string,
  admin: AdminSecret | undefined,
): Access {
  const { aclEnable, initAuthenticationUser, innerClientAuthenticationCredentials } = file;
  const inner = innerClientAuthenticationCredentials;
  const first = initAuthenticationUser === undefined ? [] : [initAuthenticationUser];
  const own = inner === undefined ? [] : [{ username: inner.accessKey, password: inner.secretKey }];
  const plainAclPath = `${directory}/${PLAIN_ACL}`;
  return {
    access: {
      authenticationEnabled: file.authenticationEnabled ?? false,
      authorizationEnabled: file.authorizationEnabled ?? false,
      authenticationWhitelist: file.authenticationWhitelist ?? [],
      authorizationWhitelist: file.authorizationWhitelist ?? [],
      superUsers: [...first, ...own, ...superUsersOf(admin)],
      ...(aclEnable ? { plainAclPath } : {}),
      ...(file.migrateAuthFromV1Enabled ? { migrateFrom: plainAclPath } : {}),
    },
    ...(inner === undefined ? {} : { credentials: inner }),
  };
}

/** Lines for people: how requests must be signed, and as whom tools can. */
export function accessLine(access: Access, admin: AdminSecret | undefined): string | undefined {
  const { authenticationEnabled, plainAclPath } = access.access ?? {};
  const how =
    plainAclPath === undefined
      ? authenticationEnabled
        ? 'every request is signed by a user'
        : undefined
      : `accounts of ${plainAclPath}`;
  if (admin === undefined) return how;
  const { accessKey, secretKey, path, isNew } = admin;
  const secret = isNew ? `, secretKey ${secretKey}` : '';
  const who = `admin: accessKey ${accessKey}${secret}, in ${path} (use it as conf/tools.yml)`;
  return how === undefined ? who : `${how}; ${who}`;
}

function superUsersOf(admin: AdminSecret | undefined): { username: string; password: string }[] {
  if (admin === undefined) return [];
  return [{ username: admin.accessKey, password: admin.secretKey }];
}

function credentialsOf({ accessKey, secretKey }: AdminSecret): {
  accessKey: string;
  secretKey: string;
} {
  return { accessKey, secretKey };
}
