/** Policies of ACL 2.0, as tools give, change and list them. */
import { parseFastjson } from '@skylarkmq/base';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  AuthCreateAcl,
  AuthDeleteAcl,
  AuthGetAcl,
  AuthListAcl,
  AuthUpdateAcl,
  type Command,
  type Outgoing,
  ResponseCode,
} from '@skylarkmq/wire';
import { nameIn } from '../policy/name-in.ts';
import { POLICY_TYPES } from '../policy/policy.ts';
import { parseResource } from '../policy/resource.ts';
import { type Acl, aclJson, decodeAcl, parseSubject, refused } from '../store/auth-json.ts';
import type { AuthStore } from '../store/auth-store.ts';
import { answer } from './users.ts';

const SUCCESS: Outgoing = { code: ResponseCode.Success };

// RocketMQ: AdminBrokerProcessor#createAcl and those behind it
export function registerAclHandlers(server: RemotingServer, store: AuthStore): void {
  server.register(AuthCreateAcl.code, (command) => {
    const acl = aclOf(command, AuthCreateAcl.request.decode(command.ext).subject);
    store.change((tables) => tables.setAcl(acl));
    return SUCCESS;
  });
  server.register(AuthUpdateAcl.code, (command) => {
    const acl = aclOf(command, AuthUpdateAcl.request.decode(command.ext).subject);
    store.change((tables) => tables.setAcl(acl));
    return SUCCESS;
  });
  server.register(AuthDeleteAcl.code, (command) => {
    const { subject, policyType, resource } = AuthDeleteAcl.request.decode(command.ext);
    const type = nameIn(POLICY_TYPES, policyType) ?? 'Custom';
    const isAll = resource === undefined || resource.trim() === '';
    const pattern = isAll ? undefined : parseResource(resource);
    if (!isAll && pattern === undefined) throw refused('The resource is null.');
    store.change((tables) => tables.deleteAcl(parseSubject(subject), type, pattern));
    return SUCCESS;
  });
  server.register(AuthGetAcl.code, (command) => {
    const { subject } = AuthGetAcl.request.decode(command.ext);
    const acl = store.tables.getAcl(parseSubject(subject));
    return acl === undefined ? SUCCESS : answer(aclJson(acl));
  });
  server.register(AuthListAcl.code, (command) => {
    const { subjectFilter, resourceFilter } = AuthListAcl.request.decode(command.ext);
    const acls = store.tables.listAcls(subjectFilter?.trim() ?? '', resourceFilter?.trim() ?? '');
    return acls.length === 0 ? SUCCESS : answer(acls.map(aclJson));
  });
}

function aclOf(command: Command, subject: string): Acl {
  if (command.body === null) throw refused('The body of acl is null');
  return decodeAcl(parseFastjson(command.body.toString('utf8')), subject);
}
