/**
 * Decides about each request before its handler sees it: who asks, and may he. With access control
 * off it only keeps changes from other machines. It must not know what a request does otherwise.
 */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import type { Connection, Guard } from '@skylarkmq/remoting';
import {
  type Command,
  type Outgoing,
  ResponseCode,
  requestCodeName,
  SignedFields,
} from '@skylarkmq/wire';
import type { PlainAccount } from './plain/plain-accounts.ts';
import type { PlainAcl } from './plain/plain-acl.ts';
import { plainRefusal } from './plain/plain-decision.ts';
import { type Access, decide } from './policy/policy.ts';
import { ACCESS_RULES } from './request/access-rules.ts';
import {
  ADMIN_CODES,
  hostOf,
  isAdminRequest,
  isFromThisMachine,
  PEER_CODES,
} from './request/planes.ts';
import type { AuthStore } from './store/auth-store.ts';
import { ACCESS_KEY, isSignedWith } from './user/signature.ts';
import { subjectOf, type User } from './user/user.ts';

export interface AccessControlDeps {
  /** Whether every request must be signed by a user. */
  readonly authenticationEnabled: boolean;
  /** Whether users may only do what their policies allow. */
  readonly authorizationEnabled: boolean;
  /** Codes that need no signature, and codes that need no policy. */
  readonly authenticationWhitelist: ReadonlySet<number>;
  readonly authorizationWhitelist: ReadonlySet<number>;
  readonly clusterName: string;
  readonly store: AuthStore;
  /** ACL 1.0; undefined when it is off. */
  readonly plain: PlainAcl | undefined;
  /** Whether changes are taken from other machines without a name. */
  adminFromAnywhere(): boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Pairs of user and access whose decision is remembered. */
const DECISIONS_MAX = 10_000;
const REFUSAL_LOGS_PER_SECOND = 5;

/** Behind Apache's sentence, which says nothing to who did not know. */
const HINT = ' Access control is on: give the client an accessKey and a secretKey.';

type Refusal = string | undefined;

export class AccessControl {
  readonly #deps: AccessControlDeps;
  readonly #fields = new SignedFields();
  readonly #decisions = new Map<string, boolean>();
  #logSecond = -1;
  #refusals = 0;

  constructor(deps: AccessControlDeps) {
    this.#deps = deps;
    deps.store.onChange(() => this.#decisions.clear());
  }

  /** What a remoting server asks. All codes when somebody must sign, else only changes. */
  guard(): Guard {
    const { authenticationEnabled, plain } = this.#deps;
    const isOn = authenticationEnabled || plain !== undefined;
    const codes = isOn ? undefined : new Set([...ADMIN_CODES, ...PEER_CODES]);
    return { codes, check: (command, connection) => this.check(command, connection) };
  }

  /** The answer that refuses a request; undefined when it may go on. */
  check(command: Command, connection: Connection): Outgoing | undefined {
    const remark = this.#refusal(command, connection);
    if (remark === undefined) {
      if (ADMIN_CODES.has(command.code)) this.#audit(command, connection);
      return undefined;
    }
    this.#logRefusal(command, connection, remark);
    return { code: ResponseCode.NoPermission, remark };
  }

  /** Clients ask again and again: a second has a few lines, and how many there were more. */
  #logRefusal(command: Command, connection: Connection, remark: string): void {
    const second = Math.floor(this.#deps.clock.monotonicMs() / 1000);
    if (second !== this.#logSecond) {
      const more = this.#refusals - REFUSAL_LOGS_PER_SECOND;
      if (more > 0) this.#deps.logger.warn({ more }, 'More requests were refused');
      this.#logSecond = second;
      this.#refusals = 0;
    }
    if (++this.#refusals > REFUSAL_LOGS_PER_SECOND) return;
    const fields = { code: requestCodeName(command.code), peer: connection.remoteAddress, remark };
    this.#deps.logger.warn(fields, 'A request is refused');
  }

  /** Whether a request is signed by a super user, or nobody must sign. */
  isSuperUser(command: Command): boolean {
    const name = command.ext.get(ACCESS_KEY);
    if (name === undefined || name === '') return true;
    return this.#deps.store.tables.users.get(name)?.userType === 'Super';
  }

  /** A user or policy may just have been written by another process: then it counts. */
  #refusal(command: Command, connection: Connection): Refusal {
    const refusal = this.#decide(command, connection);
    if (refusal === undefined) return undefined;
    const { store, plain } = this.#deps;
    const isNewer = plain === undefined ? store.lookAgain() : plain.lookAgain();
    return isNewer ? this.#decide(command, connection) : refusal;
  }

  #decide(command: Command, connection: Connection): Refusal {
    const { authenticationEnabled, plain } = this.#deps;
    if (authenticationEnabled) return this.#checkUser(command, connection);
    if (plain !== undefined) return this.#checkAccount(plain, command, connection);
    return this.#checkPlane(command, connection);
  }

  /** ACL 2.0. */
  #checkUser(command: Command, connection: Connection): Refusal {
    const { authenticationWhitelist, authorizationWhitelist } = this.#deps;
    const needsSignature = !authenticationWhitelist.has(command.code);
    const needsPolicy =
      this.#deps.authorizationEnabled && !authorizationWhitelist.has(command.code);
    this.#fields.read(command);
    const name = this.#fields.text(ACCESS_KEY);
    const user = this.#user(name);
    if (needsSignature || (needsPolicy && name !== undefined)) {
      const refusal = this.#authenticate(name, user, command);
      if (refusal !== undefined) return refusal;
    } else if (isAdminRequest(command) && !isFromThisMachine(connection)) {
      return remoteRefusal(command, connection);
    }
    if (!needsPolicy || user === undefined) return undefined;
    return this.#authorize(user, command, connection);
  }

  // RocketMQ: DefaultAuthenticationHandler#doAuthenticate
  #authenticate(name: string | undefined, user: User | undefined, command: Command): Refusal {
    if (name === undefined || name === '') return `username cannot be null.${HINT}`;
    if (user === undefined) return `User:${name} is not found.`;
    if (user.userStatus === 'disable') return `User:${name} is disabled.`;
    if (!isSignedWith(user.password, command, this.#fields)) return 'check signature failed.';
    return undefined;
  }

  // RocketMQ: UserAuthorizationHandler#handle, AclAuthorizationHandler#handle
  #authorize(user: User, command: Command, connection: Connection): Refusal {
    if (user.userType === 'Super') return undefined;
    const accesses = this.#accesses(command);
    const subject = subjectOf(user.username);
    if (accesses === undefined) {
      const what = `request code ${command.code}`;
      return `${subject} has no permission to access ${what}: only super users have it`;
    }
    const sourceIp = hostOf(connection.remoteAddress);
    for (const access of accesses) {
      if (this.#isAllowed(subject, access, sourceIp)) continue;
      const resource = `${access.type}:${access.name}`;
      const policies = this.#deps.store.tables.acls.get(subject)?.policies ?? [];
      const isDenied = decide(policies, access, sourceIp) === 'Deny';
      const why = isDenied ? 'the decision is deny.' : 'no matched policies.';
      return `${subject} has no permission to access ${resource} from ${sourceIp}, ${why}`;
    }
    return undefined;
  }

  #isAllowed(subject: string, access: Access, sourceIp: string): boolean {
    const key = `${subject}\n${access.type}\n${access.name}\n${access.actions.join()}\n${sourceIp}`;
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const policies = this.#deps.store.tables.acls.get(subject)?.policies ?? [];
    const isAllowed = decide(policies, access, sourceIp) === 'Allow';
    if (this.#decisions.size >= DECISIONS_MAX) this.#decisions.clear();
    this.#decisions.set(key, isAllowed);
    return isAllowed;
  }

  /** ACL 1.0. */
  // RocketMQ: PlainPermissionManager#validate
  #checkAccount(plain: PlainAcl, command: Command, connection: Connection): Refusal {
    const host = hostOf(connection.remoteAddress);
    const { accounts } = plain;
    if (accounts.isTrusted(host)) return undefined;
    this.#fields.read(command);
    const key = this.#fields.text(ACCESS_KEY);
    if (key === undefined || key === '') return `No accessKey is configured.${HINT}`;
    const account = accounts.accounts.get(key);
    if (account === undefined) return `No acl config for ${key}`;
    if (account.isTrusted(host)) return undefined;
    if (!isSignedWith(account.secretKey, command, this.#fields)) {
      return `Check signature failed for accessKey=${key}`;
    }
    return this.#checkPermissions(account, command);
  }

  #checkPermissions(account: PlainAccount, command: Command): Refusal {
    const { code } = command;
    const accesses = this.#accesses(command);
    const isAdminCode = accesses === undefined || isAdminRequest(command);
    return plainRefusal(account, code, isAdminCode, accesses ?? []);
  }

  /** Without access control: changes come from this machine, or with a name. */
  #checkPlane(command: Command, connection: Connection): Refusal {
    if (!isAdminRequest(command) || isFromThisMachine(connection)) return undefined;
    if (this.#deps.adminFromAnywhere()) return undefined;
    this.#fields.read(command);
    const name = this.#fields.text(ACCESS_KEY);
    const user = this.#user(name);
    if (user === undefined) return remoteRefusal(command, connection);
    const refusal = this.#authenticate(name, user, command);
    return refusal ?? this.#authorize(user, command, connection);
  }

  #user(name: string | undefined): User | undefined {
    return name === undefined ? undefined : this.#deps.store.tables.users.get(name);
  }

  #accesses(command: Command): readonly Access[] | undefined {
    const rule = ACCESS_RULES.get(command.code);
    const { clusterName } = this.#deps;
    return rule?.({ fields: this.#fields, command, clusterName });
  }

  /** Signatures have no time in them: a change that was recorded can be sent again. */
  #audit(command: Command, connection: Connection): void {
    const fields = {
      code: requestCodeName(command.code),
      peer: connection.remoteAddress,
      user: userOf(command),
      secure: connection.secure,
    };
    this.#deps.logger.info(fields, 'A change is asked for');
  }
}

function userOf(command: Command): string | undefined {
  try {
    return command.ext.get(ACCESS_KEY);
  } catch (error) {
    return MqError.from(error).message;
  }
}

function remoteRefusal(command: Command, connection: Connection): string {
  const { code } = command;
  const what = `${requestCodeName(code)} (${code}) changes the server`;
  const who = `taken from its own machine only, not from ${connection.remoteAddress}`;
  const ways =
    'run the tool there, or sign with a user of this server (accessKey and secretKey in ' +
    'tools.yml; make one there with createUser), or start the broker with adminFromAnywhere=true';
  return `${what} and is ${who}: ${ways}`;
}
