/** Accounts of ACL 1.0, as tools of 4.x change and list them. No answer has a secret in it. */

import { stringifyJson } from '@skylarkmq/base';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  type Command,
  DeleteAclConfig,
  dataVersionJson,
  GetBrokerClusterAclInfo,
  type Outgoing,
  RequestCode,
  ResponseCode,
  UpdateAndCreateAclConfig,
  type UpdateAndCreateAclConfigRequest,
  UpdateGlobalWhiteAddrsConfig,
} from '@skylarkmq/wire';
import { type PlainAccount, permissionText } from '../plain/plain-accounts.ts';
import type { PlainAcl } from '../plain/plain-acl.ts';
import type { YamlMap, YamlValue } from '../plain/yaml.ts';
import { refused } from '../store/auth-json.ts';
import { answer } from './users.ts';

export interface PlainAdminDeps {
  /** Undefined when ACL 1.0 is off. */
  readonly plain: PlainAcl | undefined;
  readonly brokerName: string;
  readonly brokerAddress: string;
  readonly clusterName: string;
}

const SUCCESS: Outgoing = { code: ResponseCode.Success };

// RocketMQ: AdminBrokerProcessor#updateAndCreateAccessConfig and those behind it
export function registerPlainHandlers(server: RemotingServer, deps: PlainAdminDeps): void {
  const register = (code: number, handler: (plain: PlainAcl, command: Command) => Outgoing): void =>
    server.register(code, (command) => {
      if (deps.plain !== undefined) return handler(deps.plain, command);
      const remark = 'ACL 1.0 is off here (aclEnable=false): use createUser and createAcl';
      return { code: ResponseCode.SystemError, remark };
    });
  register(UpdateAndCreateAclConfig.code, (plain, command) => {
    const request = UpdateAndCreateAclConfig.request.decode(command.ext);
    plain.change((map) => withAccount(map, request), plain.homeOf(request.accessKey));
    return SUCCESS;
  });
  register(DeleteAclConfig.code, (plain, command) => {
    const { accessKey } = DeleteAclConfig.request.decode(command.ext);
    if (!plain.accounts.accounts.has(accessKey)) {
      throw refused(`The accesskey[${accessKey}] corresponding to accessConfig doesn't exist`);
    }
    plain.change((map) => {
      const rest = accountsOf(map).filter((account) => account.get('accessKey') !== accessKey);
      return new Map([...map, ['accounts', rest]]);
    }, plain.homeOf(accessKey));
    return SUCCESS;
  });
  register(UpdateGlobalWhiteAddrsConfig.code, (plain, command) => {
    const { globalWhiteAddrs, aclFileFullPath } = UpdateGlobalWhiteAddrsConfig.request.decode(
      command.ext,
    );
    const addresses = listOf(globalWhiteAddrs);
    const path = aclFileFullPath?.trim();
    plain.change(
      (map) => new Map([...map, ['globalWhiteRemoteAddresses', addresses]]),
      path === '' ? undefined : path,
    );
    return SUCCESS;
  });
  register(GetBrokerClusterAclInfo.code, (plain) => infoOf(plain, deps));
  register(RequestCode.GetBrokerClusterAclConfig, ({ accounts }) =>
    answer({
      globalWhiteAddrs: accounts.globalWhiteRemoteAddresses,
      plainAccessConfigs: [...accounts.accounts.values()].map(accountJson),
    }),
  );
}

function infoOf(plain: PlainAcl, deps: PlainAdminDeps): Outgoing {
  const version = dataVersionJson(plain.version);
  const all = [...plain.versions].map(([path, one]) => [path, dataVersionJson(one)] as const);
  return {
    code: ResponseCode.Success,
    ext: GetBrokerClusterAclInfo.response.encode({
      version: stringifyJson(version),
      allAclFileVersion: stringifyJson(new Map(all)),
      brokerName: deps.brokerName,
      brokerAddr: deps.brokerAddress,
      clusterName: deps.clusterName,
    }),
  };
}

/** What the request leaves out stays as it is. */
function withAccount(map: YamlMap, request: UpdateAndCreateAclConfigRequest): YamlMap {
  const { accessKey, admin, topicPerms, groupPerms, ...texts } = request;
  const accounts = accountsOf(map);
  const before = accounts.find((account) => account.get('accessKey') === accessKey);
  const account = new Map<string, YamlValue>(before ?? [['accessKey', accessKey]]);
  for (const [name, value] of Object.entries(texts)) {
    if (value !== undefined && value !== '') account.set(name, value);
  }
  if (admin !== undefined) account.set('admin', String(admin));
  if (topicPerms !== undefined) account.set('topicPerms', listOf(topicPerms));
  if (groupPerms !== undefined) account.set('groupPerms', listOf(groupPerms));
  const next =
    before === undefined
      ? [...accounts, account]
      : accounts.map((one) => (one === before ? account : one));
  return new Map([...map, ['accounts', next]]);
}

function accountsOf(map: YamlMap): readonly YamlMap[] {
  const list = map.get('accounts');
  if (!Array.isArray(list)) return [];
  return list.filter((one): one is YamlMap => one instanceof Map);
}

function listOf(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function accountJson(account: PlainAccount): Readonly<Record<string, string | boolean | string[]>> {
  const perms = (map: ReadonlyMap<string, number>): string[] =>
    [...map].map(([name, bits]) => `${name}=${permissionText(bits)}`);
  return {
    accessKey: account.accessKey,
    admin: account.admin,
    defaultGroupPerm: permissionText(account.defaultGroupPerm),
    defaultTopicPerm: permissionText(account.defaultTopicPerm),
    groupPerms: perms(account.groupPerms),
    topicPerms: perms(account.topicPerms),
    whiteRemoteAddress: account.whiteRemoteAddress,
  };
}
