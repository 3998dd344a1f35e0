/**
 * The ACL 1.0 files: `plain_acl.yml`, and those in the folder `acl` beside it, together. Read,
 * followed, and changed by requests of tools, each account in the file that it is in.
 */
import {
  type Clock,
  type FileSystem,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
} from '@skylarkmq/base';
import { type DataVersion, NO_VERSION, nextVersion } from '@skylarkmq/wire';
import { FileWatch } from '../store/file-watch.ts';
import { type AclContent, aclPaths, readAclFile, writeAclFile } from './acl-file.ts';
import { type PlainAccount, type PlainAccounts, readPlainAccounts } from './plain-accounts.ts';
import type { YamlMap } from './yaml.ts';

const FILES_MAX = 1_000;

export interface PlainAclDeps {
  readonly fileSystem: FileSystem;
  /** Of `plain_acl.yml`; it may be missing where the folder has files. */
  readonly path: string;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

interface AclFile extends AclContent {
  readonly version: DataVersion;
}

// RocketMQ: PlainPermissionManager#load
export class PlainAcl {
  readonly #deps: PlainAclDeps;
  readonly #watch: FileWatch;
  readonly #listeners = new Set<() => void>();
  #accounts: PlainAccounts = readPlainAccounts(null);
  /** By path. */
  #files = new Map<string, AclFile>();

  constructor(deps: PlainAclDeps) {
    const { fileSystem, scheduler } = deps;
    this.#deps = deps;
    const watched = { fileSystem, scheduler, paths: () => this.#paths() };
    this.#watch = new FileWatch(watched, () => this.#reload());
  }

  /** SYSTEM when there is no file, INVALID_ARGUMENT when one is not what it must be. */
  open(): void {
    this.#read();
    this.#watch.start();
  }

  close(): void {
    this.#watch.stop();
  }

  get accounts(): PlainAccounts {
    return this.#accounts;
  }

  /** Of the file that new accounts go to. */
  get version(): DataVersion {
    return this.#files.get(this.#deps.path)?.version ?? NO_VERSION;
  }

  /** Of every file, by its path. */
  get versions(): ReadonlyMap<string, DataVersion> {
    return new Map([...this.#files].map(([path, { version }]) => [path, version]));
  }

  /** The file that an account is in; for a new one `plain_acl.yml`. */
  homeOf(accessKey: string): string {
    for (const [path, { accounts }] of this.#files) {
      if (accounts.accounts.has(accessKey)) return path;
    }
    return this.#deps.path;
  }

  /**
   * Checks the changed content of a file (default `plain_acl.yml`), writes it durably, and goes by
   * it. INVALID_ARGUMENT for a file that is none of ours.
   */
  change(work: (map: YamlMap) => YamlMap, path: string = this.#deps.path): void {
    const known = this.#files.get(path);
    if (known === undefined && path !== this.#deps.path) {
      const files = [...this.#files.keys()].join(', ');
      throw new MqError(
        MqErrorCode.InvalidArgument,
        `${path} is no ACL file of this server: ${files} are`,
      );
    }
    const content = writeAclFile(this.#deps.fileSystem, path, work(known?.map ?? new Map()));
    this.#watch.seen();
    this.#set(new Map(this.#files).set(path, this.#newer(path, content)));
  }

  /** Reads the files now if one has changed; whether one had. */
  lookAgain(): boolean {
    return this.#watch.look();
  }

  /** Calls the listener after every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #set(files: Map<string, AclFile>): void {
    this.#files = files;
    this.#accounts = this.#together();
    for (const listener of this.#listeners) listener();
  }

  #newer(path: string, content: AclContent): AclFile {
    const before = this.#files.get(path)?.version ?? NO_VERSION;
    return { ...content, version: nextVersion(before, this.#deps.clock.nowMs()) };
  }

  /** An account that is in two files counts as the first of them says. */
  #together(): PlainAccounts {
    const accounts = new Map<string, PlainAccount>();
    const addresses: string[] = [];
    const files = [...this.#files];
    for (const [path, { accounts: one }] of files) {
      addresses.push(...one.globalWhiteRemoteAddresses);
      for (const [accessKey, account] of one.accounts) {
        if (!accounts.has(accessKey)) accounts.set(accessKey, account);
        else this.#deps.logger.warn({ path, accessKey }, 'An account is in another file, too');
      }
    }
    return {
      globalWhiteRemoteAddresses: addresses,
      isTrusted: (address) => files.some(([, file]) => file.accounts.isTrusted(address)),
      accounts,
    };
  }

  #reload(): void {
    const { path, logger } = this.#deps;
    try {
      this.#read();
      const accounts = this.#accounts.accounts.size;
      logger.info({ path, files: this.#files.size, accounts }, 'The ACL files are read again');
    } catch (error) {
      const fields = { path, error: MqError.from(error) };
      logger.error(fields, 'An ACL file cannot be read: the old accounts stay');
    }
  }

  #read(): void {
    const { fileSystem } = this.#deps;
    const files = new Map<string, AclFile>();
    const paths = this.#paths();
    if (paths.length > FILES_MAX) {
      const text = `There are ${paths.length} ACL files, at most ${FILES_MAX} are read`;
      throw new MqError(MqErrorCode.InvalidArgument, text);
    }
    for (const path of paths) {
      const known = this.#files.get(path);
      const content = readAclFile(fileSystem, path);
      const isSame = known !== undefined && isEqual(known.map, content.map);
      files.set(path, isSame ? known : this.#newer(path, content));
    }
    this.#set(files);
  }

  #paths(): readonly string[] {
    return aclPaths(this.#deps.fileSystem, this.#deps.path);
  }
}

function isEqual(left: YamlMap, right: YamlMap): boolean {
  return JSON.stringify(plain(left)) === JSON.stringify(plain(right));
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(([key, one]) => [key, plain(one)]);
  return Array.isArray(value) ? value.map(plain) : value;
}
