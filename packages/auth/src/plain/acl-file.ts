/** One ACL 1.0 file on the disk: its text, read with a limit and written durably. */
import { type FileSystem, MqError, MqErrorCode } from '@skylarkmq/base';
import { type PlainAccounts, readPlainAccounts } from './plain-accounts.ts';
import { writeYaml } from './write-yaml.ts';
import { parseYaml, type YamlMap } from './yaml.ts';

const FOLDER = 'acl';
const ENDINGS = ['.yml', '.yaml'];
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** What a file said when it was read. */
export interface AclContent {
  readonly map: YamlMap;
  readonly accounts: PlainAccounts;
}

/** The main file first, then those of the folder `acl` beside it by name. */
export function aclPaths(fileSystem: FileSystem, path: string): readonly string[] {
  const folder = `${path.slice(0, path.lastIndexOf('/'))}/${FOLDER}`;
  const names = fileSystem.exists(folder) ? fileSystem.list(folder) : [];
  const more = names.filter((name) => ENDINGS.some((ending) => name.endsWith(ending))).sort();
  const paths = more.map((name) => `${folder}/${name}`);
  return paths.length > 0 && !fileSystem.exists(path) ? paths : [path, ...paths];
}

/**
 * The first account that may do everything: a server signs its own requests with it. Undefined when
 * there is none.
 */
export function plainAdmin(
  fileSystem: FileSystem,
  path: string,
): { readonly accessKey: string; readonly secretKey: string } | undefined {
  for (const one of aclPaths(fileSystem, path)) {
    for (const account of readAclFile(fileSystem, one).accounts.accounts.values()) {
      const { accessKey, secretKey } = account;
      if (account.admin) return { accessKey, secretKey };
    }
  }
  return undefined;
}

/** Its content; INVALID_ARGUMENT or SYSTEM, with the path, when that is not what it must be. */
export function readAclFile(fileSystem: FileSystem, path: string): AclContent {
  try {
    const value = parseYaml(textOf(fileSystem, path));
    return { map: value instanceof Map ? value : new Map(), accounts: readPlainAccounts(value) };
  } catch (error) {
    const { code, message } = MqError.from(error, MqErrorCode.System);
    throw new MqError(code, `${path}: ${message}`, { cause: error });
  }
}

/** Checks the content and writes it durably, in place of what is there. */
export function writeAclFile(fileSystem: FileSystem, path: string, map: YamlMap): AclContent {
  const accounts = readPlainAccounts(map);
  const fresh = `${path}.tmp`;
  fileSystem.remove(fresh);
  const handle = fileSystem.open(fresh, 'create');
  try {
    const bytes = Buffer.from(writeYaml(map), 'utf8');
    handle.writeSync(bytes, 0, bytes.length, 0);
    handle.syncDataSync();
  } finally {
    handle.close();
  }
  fileSystem.rename(fresh, path);
  fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/');
  return { map, accounts };
}

function textOf(fileSystem: FileSystem, path: string): string {
  const size = fileSystem.stat(path)?.size;
  if (size === undefined) {
    const cure = 'write one, or leave out aclEnable';
    throw new MqError(MqErrorCode.System, `there is no ACL file: ${cure}`);
  }
  if (size > FILE_BYTES_MAX) {
    throw new MqError(MqErrorCode.System, `${size} bytes are over ${FILE_BYTES_MAX}`);
  }
  const handle = fileSystem.open(path, 'r');
  try {
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, handle.readSync(bytes, 0, size, 0));
  } finally {
    handle.close();
  }
}
