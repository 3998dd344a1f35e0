/**
 * Users and policies of a server, in `config/auth.json` (docs/formats/config-json.md). Another
 * process may write the file: it is read again when it has changed.
 */
import {
  type FileSystem,
  JsonFile,
  type JsonValue,
  jsonArrayOr,
  jsonObject,
  type Logger,
  MqError,
  type Scheduler,
} from '@skylarkmq/base';
import { aclJson, decodeAcl, decodeUser, userJson } from './auth-json.ts';
import { AuthTables } from './auth-tables.ts';
import { FileWatch } from './file-watch.ts';

export interface AuthStoreDeps {
  readonly fileSystem: FileSystem;
  readonly path: string;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

export class AuthStore {
  readonly #deps: AuthStoreDeps;
  readonly #file: JsonFile;
  readonly #watch: FileWatch;
  readonly #listeners = new Set<() => void>();
  #tables = new AuthTables();

  constructor(deps: AuthStoreDeps) {
    this.#deps = deps;
    this.#file = new JsonFile(deps.fileSystem, deps.path, deps.logger);
    this.#watch = new FileWatch({ ...deps, paths: () => [deps.path] }, () => this.#reload());
  }

  /** Reads the file and follows it from then on. CORRUPT when it is not what it must be. */
  open(): void {
    this.#tables = this.#read();
    this.#watch.start();
  }

  close(): void {
    this.#watch.stop();
  }

  get tables(): Pick<AuthTables, 'users' | 'acls' | 'getAcl' | 'listUsers' | 'listAcls'> {
    return this.#tables;
  }

  /** Changes the tables and the file, or neither. */
  change(work: (tables: AuthTables) => void): void {
    const next = copyOf(this.#tables);
    work(next);
    this.#file.save({
      users: [...next.users.values()].map(userJson),
      acls: [...next.acls.values()].map(aclJson),
    });
    this.#watch.seen();
    this.#set(next);
  }

  /** Reads the file now if it has changed; whether it had. */
  lookAgain(): boolean {
    return this.#watch.look();
  }

  /** Calls the listener after every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #set(tables: AuthTables): void {
    this.#tables = tables;
    for (const listener of this.#listeners) listener();
  }

  #reload(): void {
    try {
      this.#set(this.#read());
      this.#deps.logger.info({ path: this.#deps.path }, 'Users and policies are read again');
    } catch (error) {
      const fields = { path: this.#deps.path, error: MqError.from(error) };
      this.#deps.logger.error(fields, 'Users and policies cannot be read: the old ones stay');
    }
  }

  #read(): AuthTables {
    const content = this.#file.load();
    return content === undefined ? new AuthTables() : tablesOf(content);
  }
}

function tablesOf(content: JsonValue): AuthTables {
  const object = jsonObject(content, 'auth.json');
  const tables = new AuthTables();
  for (const value of jsonArrayOr(object.get('users'), 'users')) {
    const user = decodeUser(value);
    tables.createUser(user);
  }
  for (const value of jsonArrayOr(object.get('acls'), 'acls')) tables.setAcl(decodeAcl(value));
  return tables;
}

function copyOf(tables: AuthTables): AuthTables {
  const copy = new AuthTables();
  for (const [name, user] of tables.users) copy.users.set(name, user);
  for (const [subject, acl] of tables.acls) copy.acls.set(subject, acl);
  return copy;
}
