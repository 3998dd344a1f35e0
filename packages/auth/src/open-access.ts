/** Opens what decides about access: its files, users that must be there, the decisions. */
import {
  type Clock,
  type FileSystem,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
} from '@skylarkmq/base';
import { AccessControl } from './access-control.ts';
import { migratePlainAcl } from './plain/migrate-plain-acl.ts';
import { PlainAcl } from './plain/plain-acl.ts';
import { AuthStore } from './store/auth-store.ts';

/** What access control a server has. Default: none. */
export interface AccessOptions {
  /** ACL 2.0: whether every request must be signed by a user. */
  readonly authenticationEnabled?: boolean;
  /** ACL 2.0: whether users may only do what their policies allow. */
  readonly authorizationEnabled?: boolean;
  /** Request codes that need no signature. */
  readonly authenticationWhitelist?: readonly number[];
  /** Request codes that need no policy. */
  readonly authorizationWhitelist?: readonly number[];
  /** Super users that are made when they are not there yet. */
  readonly superUsers?: readonly FirstUser[];
  /** Where users and policies are kept. Default `config/auth.json` in the server's directory. */
  readonly path?: string;
  /** ACL 1.0: the file with the accounts. */
  readonly plainAclPath?: string;
  /** An ACL 1.0 file whose accounts become users and policies, once. */
  readonly migrateFrom?: string;
}

export interface FirstUser {
  readonly username: string;
  readonly password: string;
}

export interface AccessDeps {
  readonly fileSystem: FileSystem;
  /** Of the file with users and policies, if the options have none. */
  readonly path: string;
  readonly clusterName: string;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  adminFromAnywhere(): boolean;
}

/** What is open. */
export interface OpenAccess {
  readonly control: AccessControl;
  readonly store: AuthStore;
  readonly plain: PlainAcl | undefined;
  close(): void;
}

/** INVALID_ARGUMENT for options that contradict each other or files that are not right. */
export function openAccess(options: AccessOptions, deps: AccessDeps): OpenAccess {
  checkOptions(options);
  const { fileSystem, scheduler, logger, clock } = deps;
  const store = new AuthStore({
    ...{ fileSystem, scheduler, logger },
    path: options.path ?? deps.path,
  });
  store.open();
  addSuperUsers(store, options.superUsers ?? []);
  const plainDeps = { fileSystem, scheduler, logger, clock };
  if (options.migrateFrom !== undefined) {
    migratePlainAcl(store, { ...plainDeps, path: options.migrateFrom });
  }
  const { plainAclPath } = options;
  const plain =
    plainAclPath === undefined ? undefined : new PlainAcl({ ...plainDeps, path: plainAclPath });
  plain?.open();
  const control = new AccessControl({
    authenticationEnabled: options.authenticationEnabled ?? false,
    authorizationEnabled: options.authorizationEnabled ?? false,
    authenticationWhitelist: new Set(options.authenticationWhitelist),
    authorizationWhitelist: new Set(options.authorizationWhitelist),
    clusterName: deps.clusterName,
    ...{ store, plain, clock, logger },
    adminFromAnywhere: () => deps.adminFromAnywhere(),
  });
  return {
    ...{ control, store, plain },
    close: () => {
      store.close();
      plain?.close();
    },
  };
}

function checkOptions(options: AccessOptions): void {
  const { authenticationEnabled, authorizationEnabled, plainAclPath } = options;
  if (authorizationEnabled && !authenticationEnabled) {
    const why = 'whoever asks could say any name';
    const cure = 'set authenticationEnabled=true too';
    throw invalid(`authorizationEnabled without authenticationEnabled: ${why}; ${cure}`);
  }
  if (plainAclPath !== undefined && authenticationEnabled) {
    const cure = 'choose one (migrateAuthFromV1Enabled=true takes the accounts over)';
    throw invalid(`aclEnable and authenticationEnabled are two kinds of access control: ${cure}`);
  }
}

/** An existing user stays as he is: his password may have been changed since. */
// RocketMQ: AuthenticationMetadataManagerImpl#initUser
function addSuperUsers(store: AuthStore, users: readonly FirstUser[]): void {
  const missing = users.filter(({ username }) => !store.tables.users.has(username));
  if (missing.length === 0) return;
  store.change((tables) => {
    for (const { username, password } of missing) {
      tables.createUser({ username, password, userType: 'Super' });
    }
  });
}

function invalid(reason: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, reason);
}
