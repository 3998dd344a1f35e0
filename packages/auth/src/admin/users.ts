/** Users of ACL 2.0, as tools make, change and list them. No answer has a password in it. */
import { type JsonInput, MqError, parseFastjson, stringifyJson } from '@skylarkmq/base';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  AuthCreateUser,
  AuthDeleteUser,
  AuthGetUser,
  AuthListUser,
  AuthUpdateUser,
  type Command,
  type Outgoing,
  ResponseCode,
} from '@skylarkmq/wire';
import type { AccessControl } from '../access-control.ts';
import { decodeUserChange, publicUserJson, type UserChange } from '../store/auth-json.ts';
import type { AuthStore } from '../store/auth-store.ts';
import type { UserType } from '../user/user.ts';

export interface UserAdminDeps {
  readonly store: AuthStore;
  readonly control: Pick<AccessControl, 'isSuperUser'>;
}

const SUCCESS: Outgoing = { code: ResponseCode.Success };

// RocketMQ: AdminBrokerProcessor#createUser and those behind it
export function registerUserHandlers(server: RemotingServer, deps: UserAdminDeps): void {
  const { store } = deps;
  server.register(AuthCreateUser.code, (command) => {
    const { username } = AuthCreateUser.request.decode(command.ext);
    if (username === '') return blankName();
    const change = changeOf(command, username);
    const refusal = superOnly(change.userType, command, deps, 'create');
    if (refusal !== undefined) return refusal;
    store.change((tables) => tables.createUser(change));
    return SUCCESS;
  });
  server.register(AuthUpdateUser.code, (command) => {
    const { username } = AuthUpdateUser.request.decode(command.ext);
    if (username === '') return blankName();
    const change = changeOf(command, username);
    const before = store.tables.users.get(username)?.userType;
    const type = change.userType === 'Super' ? change.userType : before;
    const refusal = superOnly(type, command, deps, 'update');
    if (refusal !== undefined) return refusal;
    store.change((tables) => tables.updateUser(change));
    return SUCCESS;
  });
  server.register(AuthDeleteUser.code, (command) => {
    const { username } = AuthDeleteUser.request.decode(command.ext);
    const type = store.tables.users.get(username)?.userType;
    const refusal = superOnly(type, command, deps, 'update');
    if (refusal !== undefined) return refusal;
    store.change((tables) => tables.deleteUser(username));
    return SUCCESS;
  });
  server.register(AuthGetUser.code, (command) => {
    const { username } = AuthGetUser.request.decode(command.ext);
    if (username.trim() === '') return blankName();
    const user = store.tables.users.get(username);
    return user === undefined ? SUCCESS : answer(publicUserJson(user));
  });
  server.register(AuthListUser.code, (command) => {
    const { filter } = AuthListUser.request.decode(command.ext);
    const users = store.tables.listUsers(filter?.trim() ?? '');
    return users.length === 0 ? SUCCESS : answer(users.map(publicUserJson));
  });
}

/** A body as JSON. */
export function answer(value: JsonInput): Outgoing {
  return { code: ResponseCode.Success, body: Buffer.from(stringifyJson(value), 'utf8') };
}

function changeOf(command: Command, username: string): UserChange {
  const text = command.body?.toString('utf8') ?? '{}';
  try {
    return decodeUserChange(parseFastjson(text), username);
  } catch (error) {
    const { message, code, responseCode } = MqError.from(error);
    const remark = responseCode === undefined ? 'The user is not readable' : message;
    throw new MqError(code, remark, { responseCode: responseCode ?? ResponseCode.SystemError });
  }
}

function superOnly(
  type: UserType | undefined,
  command: Command,
  { control }: UserAdminDeps,
  verb: string,
): Outgoing | undefined {
  if (type !== 'Super' || control.isSuperUser(command)) return undefined;
  const code = verb === 'create' ? ResponseCode.SystemError : ResponseCode.NoPermission;
  return { code, remark: `The super user can only be ${verb} by super user` };
}

function blankName(): Outgoing {
  return { code: ResponseCode.InvalidParameter, remark: 'The username is blank' };
}
