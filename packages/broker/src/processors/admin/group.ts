/** Making, changing, removing and listing consumer groups. */
import type { JsonValue, Logger } from '@skylarkmq/base';
import { groupNameProblem } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  type Command,
  DeleteSubscriptionGroup,
  decodeGroupRetryPolicy,
  decodeSubscriptionGroupBody,
  decodeSubscriptionGroupList,
  encodeGroupForbidden,
  encodeSubscriptionGroup,
  encodeSubscriptionGroupTable,
  GetAllSubscriptionGroupConfig,
  GetSubscriptionGroupConfig,
  type Outgoing,
  RequestCode,
  ResponseCode,
  type SubscriptionGroup,
  subscriptionGroup,
  UpdateAndGetGroupForbidden,
} from '@skylarkmq/wire';
import type { QueueLocks } from '../../consumer-group/queue-locks.ts';
import type { ConsumerOffsets } from '../../offset/consumer-offsets.ts';
import type { BrokerSettings } from '../../settings.ts';
import type { BrokerStats } from '../../stats/broker-stats.ts';
import { changedAttributes, groupAttributesProblem } from '../../subscription/group-attributes.ts';
import type { GroupTable } from '../../subscription/group-table.ts';
import { pageOf } from './page.ts';
import { invalidParameter, SUCCESS, systemError } from './refusal.ts';

export interface GroupAdminDeps {
  readonly groups: Pick<
    GroupTable,
    | 'all'
    | 'dataVersion'
    | 'delete'
    | 'find'
    | 'forbidden'
    | 'forbiddenTable'
    | 'get'
    | 'put'
    | 'saved'
    | 'setForbidden'
  >;
  readonly offsets: Pick<ConsumerOffsets, 'removeGroup'>;
  readonly locks: Pick<QueueLocks, 'removeGroup'>;
  readonly pop: { removeGroup(group: string): void };
  readonly stats: Pick<BrokerStats, 'removeGroup'>;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

/** The bit that forbids a group to read a topic. RocketMQ: PermName#INDEX_PERM_READ. */
const FORBIDDEN_READ = 4;

export function registerGroupHandlers(server: RemotingServer, deps: GroupAdminDeps): void {
  const { groups } = deps;
  server.register(RequestCode.UpdateAndCreateSubscriptiongroup, (command) =>
    updateGroups([decodeSubscriptionGroupBody(command.body)], deps),
  );
  server.register(RequestCode.UpdateAndCreateSubscriptiongroupList, (command) =>
    updateGroups(decodeSubscriptionGroupList(command.body), deps),
  );
  server.register(DeleteSubscriptionGroup.code, (command) => deleteGroup(command, deps));
  server.register(GetSubscriptionGroupConfig.code, async (command) => {
    const { group } = GetSubscriptionGroupConfig.request.decode(command.ext);
    const isNew = groups.get(group) === undefined;
    const found = groups.find(group);
    if (found === undefined) {
      const remark = `No group in this broker. group: ${group}`;
      return { code: ResponseCode.SubscriptionGroupNotExist, remark };
    }
    if (isNew) await groups.saved();
    return { code: ResponseCode.Success, body: encodeSubscriptionGroup(found) };
  });
  server.register(GetAllSubscriptionGroupConfig.code, (command) => {
    const request = GetAllSubscriptionGroupConfig.request.decode(command.ext);
    const { groupSeq, maxGroupNum, dataVersion } = request;
    const asked = { from: groupSeq, max: maxGroupNum, dataVersion };
    const page = pageOf(groups.all(), groups.dataVersion, asked, deps.settings());
    return {
      code: ResponseCode.Success,
      ext: GetAllSubscriptionGroupConfig.response.encode({ totalGroupNum: groups.all().size }),
      body: encodeSubscriptionGroupTable(groups.dataVersion, page, groups.forbiddenTable()),
    };
  });
  registerForbidden(server, deps);
}

/** RocketMQ: AdminBrokerProcessor#updateAndCreateSubscriptionGroup and ...GroupList */
async function updateGroups(
  wanted: readonly SubscriptionGroup[],
  deps: GroupAdminDeps,
): Promise<Outgoing> {
  const { groups } = deps;
  for (const group of wanted) {
    const problem = groupNameProblem(group.groupName);
    if (problem !== undefined) return invalidParameter(problem);
    // A policy that is not understood is refused here, not found out at a retry.
    decodeGroupRetryPolicy(group.rest.get('groupRetryPolicy'));
    const wrong = groupAttributesProblem(group.rest.get('attributes'));
    if (wrong !== undefined) return systemError(wrong);
  }
  const fresh = wanted.filter(({ groupName }) => groups.get(groupName) === undefined).length;
  const { groupsMax } = deps.settings();
  if (fresh > 0 && groups.all().size + fresh > groupsMax) {
    const cure = 'delete groups that nobody uses or raise groupsMax';
    const many = `${groups.all().size} of at most ${groupsMax} groups`;
    return systemError(`The broker has ${many}: ${cure}`);
  }
  for (const group of wanted) {
    groups.put(withDefaults(group, groups.get(group.groupName)?.rest.get('attributes')));
  }
  await groups.saved();
  deps.logger.info({ groups: wanted.map(({ groupName }) => groupName) }, 'Groups changed');
  return SUCCESS;
}

/** Members that a tool leaves out or null get their defaults, as a Java object has them. */
function withDefaults(group: SubscriptionGroup, before: JsonValue | undefined): SubscriptionGroup {
  const rest = new Map(subscriptionGroup(group.groupName).rest);
  for (const [name, value] of group.rest) if (value !== null) rest.set(name, value);
  rest.set('attributes', changedAttributes(before, group.rest.get('attributes')));
  return { ...group, rest };
}

async function deleteGroup(command: Command, deps: GroupAdminDeps): Promise<Outgoing> {
  const { groups, offsets, locks, stats, pop } = deps;
  const { groupName, cleanOffset } = DeleteSubscriptionGroup.request.decode(command.ext);
  groups.delete(groupName);
  locks.removeGroup(groupName);
  pop.removeGroup(groupName);
  if (cleanOffset) offsets.removeGroup(groupName);
  if (deps.settings().autoDeleteUnusedStats) stats.removeGroup(groupName);
  await groups.saved();
  deps.logger.info({ group: groupName, cleanOffset }, 'Group removed');
  return SUCCESS;
}

/** Asking is for everybody, setting is not. */
function registerForbidden(server: RemotingServer, deps: GroupAdminDeps): void {
  const { groups } = deps;
  const { code, request } = UpdateAndGetGroupForbidden;
  const answer = async (command: Command): Promise<Outgoing> => {
    const { group, topic, readable } = request.decode(command.ext);
    const before = groups.forbidden(group, topic);
    if (readable !== undefined) {
      const bits = readable ? before & ~FORBIDDEN_READ : before | FORBIDDEN_READ;
      groups.setForbidden(group, topic, bits);
      if (bits !== before) await groups.saved();
    }
    const isReadable = (groups.forbidden(group, topic) & FORBIDDEN_READ) === 0;
    const body = encodeGroupForbidden(group, topic, isReadable);
    return { code: ResponseCode.Success, remark: '', body };
  };
  server.register(code, answer);
}
