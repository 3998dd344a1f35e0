/** Looks after users and policies of servers with access control (ACL 2.0). */
import { type JsonValue, jsonArray } from '@skylarkmq/base';
import {
  AuthCreateAcl,
  AuthCreateUser,
  AuthDeleteAcl,
  AuthDeleteUser,
  AuthGetAcl,
  AuthGetUser,
  AuthListAcl,
  AuthListUser,
  AuthUpdateAcl,
  AuthUpdateUser,
} from '@skylarkmq/wire';
import {
  type AclInfo,
  aclInfoJson,
  type askAccess,
  decodeAclInfo,
  decodeUserInfo,
  type UserInfo,
} from '../api/access.ts';
import type { CallOptions } from '../async/abortable.ts';

/** Options of {@link AccessAdmin.createUser} and {@link AccessAdmin.updateUser}. */
export interface UserOptions extends CallOptions {
  readonly username: string;
  /** The secret key of the user's clients. A new user needs one. */
  readonly password?: string;
  /** Default for a new user: `Normal`. */
  readonly userType?: UserInfo['userType'];
  /** Default for a new user: `enable`. */
  readonly userStatus?: UserInfo['userStatus'];
}

/** Options of {@link AccessAdmin.createAcl} and {@link AccessAdmin.updateAcl}. */
export interface AclOptions extends CallOptions, AclInfo {}

/** Options of {@link AccessAdmin.deleteAcl}. */
export interface DeleteAclOptions extends CallOptions {
  /** Only the entry of this resource. Default: all policies of the subject. */
  readonly resource?: string;
  /** Where that entry is. Default `Custom`. */
  readonly policyType?: 'Custom' | 'Default';
}

/** Options of {@link AccessAdmin.listAcls}. */
export interface ListAclsOptions extends CallOptions {
  /** Texts that subject and resource must have in them. Default: any. */
  readonly subject?: string;
  readonly resource?: string;
}

type Question = Parameters<typeof askAccess>[2];

/** How an admin reaches the masters of the cluster. */
export interface AccessAdminPorts {
  /** All masters. */
  atMasters(options: CallOptions, work: (ask: AskMaster) => Promise<unknown>): Promise<void>;
  /** Any one of them. */
  atOneMaster<T>(options: CallOptions, work: (ask: AskMaster) => Promise<T>): Promise<T>;
}

/** One question to one master. */
type AskMaster = (question: Question) => Promise<JsonValue | undefined>;

/**
 * `admin.access`: changes go to the masters of all brokers, questions to one of them. `PERMISSION`
 * when the caller may not, or the server says what is wrong.
 */
export class AccessAdmin {
  readonly #ports: AccessAdminPorts;

  constructor(ports: AccessAdminPorts) {
    this.#ports = ports;
  }

  /** Makes a user; one that is there already is refused. */
  createUser(options: UserOptions): Promise<void> {
    return this.#changeUser(AuthCreateUser.code, options, 'The creation');
  }

  /** Changes what is given; the rest stays. */
  updateUser(options: UserOptions): Promise<void> {
    return this.#changeUser(AuthUpdateUser.code, options, 'The change');
  }

  /** Removes a user and his policies. */
  deleteUser(username: string, options: CallOptions = {}): Promise<void> {
    const ext = AuthDeleteUser.request.encode({ username });
    return this.#change(options, {
      ...{ code: AuthDeleteUser.code, ext },
      name: `The removal of user ${username}`,
    });
  }

  /** Undefined when there is no such user. */
  async getUser(username: string, options: CallOptions = {}): Promise<UserInfo | undefined> {
    const ext = AuthGetUser.request.encode({ username });
    const value = await this.#ask(options, {
      ...{ code: AuthGetUser.code, ext },
      name: `The question about user ${username}`,
    });
    return value === undefined ? undefined : decodeUserInfo(value);
  }

  /** Users whose name has `filter` in it. */
  async listUsers(filter = '', options: CallOptions = {}): Promise<readonly UserInfo[]> {
    const ext = AuthListUser.request.encode({ filter });
    const name = 'The question about users';
    const value = await this.#ask(options, { code: AuthListUser.code, ext, name });
    return value === undefined ? [] : jsonArray(value, 'users').map(decodeUserInfo);
  }

  /** Adds policies to a subject; entries for the same resource are replaced. */
  createAcl(options: AclOptions): Promise<void> {
    return this.#changeAcl(AuthCreateAcl.code, options, 'The creation');
  }

  /** The same as {@link createAcl}. */
  updateAcl(options: AclOptions): Promise<void> {
    return this.#changeAcl(AuthUpdateAcl.code, options, 'The change');
  }

  /** Takes rules of a subject away: those that are named, or all. */
  deleteAcl(subject: string, options: DeleteAclOptions = {}): Promise<void> {
    const { resource, policyType } = options;
    const ext = AuthDeleteAcl.request.encode({ subject, resource, policyType });
    return this.#change(options, {
      ...{ code: AuthDeleteAcl.code, ext },
      name: `The removal of policies of ${subject}`,
    });
  }

  /** Undefined when the subject has no policies. */
  async getAcl(subject: string, options: CallOptions = {}): Promise<AclInfo | undefined> {
    const ext = AuthGetAcl.request.encode({ subject });
    const name = `The question about policies of ${subject}`;
    const value = await this.#ask(options, { code: AuthGetAcl.code, ext, name });
    return value === undefined ? undefined : decodeAclInfo(value);
  }

  /** The rules of all subjects, or of those that are asked for. */
  async listAcls(options: ListAclsOptions = {}): Promise<readonly AclInfo[]> {
    const filters = { subjectFilter: options.subject, resourceFilter: options.resource };
    const ext = AuthListAcl.request.encode(filters);
    const name = 'The question about policies';
    const value = await this.#ask(options, { code: AuthListAcl.code, ext, name });
    return value === undefined ? [] : jsonArray(value, 'acls').map(decodeAclInfo);
  }

  #changeUser(code: number, options: UserOptions, what: string): Promise<void> {
    const { username, password, userType, userStatus } = options;
    const body = {
      username,
      ...(password === undefined ? {} : { password }),
      ...(userType === undefined ? {} : { userType }),
      ...(userStatus === undefined ? {} : { userStatus }),
    };
    const ext = AuthCreateUser.request.encode({ username });
    return this.#change(options, { code, ext, body, name: `${what} of user ${username}` });
  }

  #changeAcl(code: number, options: AclOptions, what: string): Promise<void> {
    const { subject } = options;
    const ext = AuthCreateAcl.request.encode({ subject });
    const name = `${what} of policies of ${subject}`;
    return this.#change(options, { code, ext, body: aclInfoJson(options), name });
  }

  #change(options: CallOptions, question: Question): Promise<void> {
    return this.#ports.atMasters(options, (ask) => ask(question));
  }

  #ask(options: CallOptions, question: Question): Promise<JsonValue | undefined> {
    return this.#ports.atOneMaster(options, (ask) => ask(question));
  }
}
