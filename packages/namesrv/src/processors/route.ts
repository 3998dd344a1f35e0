/** Where topics are, and which brokers and topics there are at all. */
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import {
  AddWritePermOfBroker,
  type BrokerData,
  type Command,
  DeleteTopicInNamesrv,
  encodeClusterInfo,
  encodeTopicList,
  encodeTopicRoute,
  GetRouteInfoByTopic,
  GetTopicsByCluster,
  MqVersion,
  type Outgoing,
  RequestCode,
  ResponseCode,
  WipeWritePermOfBroker,
} from '@skylarkmq/wire';
import { ORDER_TOPIC_NAMESPACE } from '../kv-config.ts';
import { brokerDataOf, routeOf } from '../route-answer.ts';
import type { RouteTable } from '../route-table.ts';
import { type ProcessorDeps, reachedHost } from './deps.ts';

const FAQ = 'See https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.';
const DISABLED: Outgoing = { code: ResponseCode.SystemError, remark: 'disable' };
const UNIT = 1;
const UNIT_SUBSCRIPTION = 2;

export function registerRouteHandlers(server: RemotingServer, deps: ProcessorDeps): void {
  const { table } = deps;
  server.register(GetRouteInfoByTopic.code, (command, connection) =>
    answerRoute(command, connection, deps),
  );
  server.register(RequestCode.GetBrokerClusterInfo, (_, connection) => {
    const brokers = new Map<string, BrokerData>();
    for (const [name, group] of table.groups) {
      brokers.set(name, brokerDataOf(table, group, reachedHost(connection)));
    }
    const clusters = new Map([...table.clusters].map(([name, names]) => [name, [...names]]));
    return { code: ResponseCode.Success, body: encodeClusterInfo({ brokers, clusters }) };
  });
  server.register(WipeWritePermOfBroker.code, (command) => {
    const { brokerName } = WipeWritePermOfBroker.request.decode(command.ext);
    const wipeTopicCount = table.setWritable(brokerName, false);
    const ext = WipeWritePermOfBroker.response.encode({ wipeTopicCount });
    return { code: ResponseCode.Success, ext };
  });
  server.register(AddWritePermOfBroker.code, (command) => {
    const { brokerName } = AddWritePermOfBroker.request.decode(command.ext);
    const addTopicCount = table.setWritable(brokerName, true);
    return {
      code: ResponseCode.Success,
      ext: AddWritePermOfBroker.response.encode({ addTopicCount }),
    };
  });
  server.register(DeleteTopicInNamesrv.code, (command) => {
    const { topic, clusterName } = DeleteTopicInNamesrv.request.decode(command.ext);
    table.deleteTopic(topic, clusterName);
    return { code: ResponseCode.Success };
  });
  registerLists(server, deps);
}

function answerRoute(command: Command, connection: Connection, deps: ProcessorDeps): Outgoing {
  const { topic, acceptStandardJsonOnly } = GetRouteInfoByTopic.request.decode(command.ext);
  const settings = deps.settings();
  if (settings.needWaitForService && deps.upMs() < settings.waitSecondsForService * 1000) {
    return { code: ResponseCode.SystemError, remark: 'name server not ready' };
  }
  const zoneMode = command.ext.get('__ZONE_MODE')?.toLowerCase() === 'true';
  const zone = zoneMode ? command.ext.get('__ZONE_NAME')?.trim() : undefined;
  const route = routeOf(deps.table, {
    topic,
    supportActingMaster: settings.supportActingMaster,
    reachedHost: reachedHost(connection),
    orderTopicConf: settings.orderMessageEnable
      ? deps.kvConfig.get(ORDER_TOPIC_NAMESPACE, topic)
      : undefined,
    zone: zone === '' ? undefined : zone,
  });
  if (route === undefined) {
    return { code: ResponseCode.TopicNotExist, remark: noRouteRemark(topic, deps.table) };
  }
  const standard = command.version >= MqVersion.V4_9_4 || acceptStandardJsonOnly === true;
  const inDefaultDialect = zone !== undefined && zone !== '';
  const body = encodeTopicRoute(route, standard && !inDefaultDialect);
  return { code: ResponseCode.Success, body };
}

/** Apache's sentence first, since clients show and match it; then the cause and the cure. */
function noRouteRemark(topic: string, table: RouteTable): string {
  const official = `No topic route info in name server for the topic: ${topic}\n${FAQ}`;
  if (table.groups.size === 0) {
    const cure = 'start a broker, or check the name server address in its configuration';
    return `${official}\nCause: no broker is registered at this name server; ${cure}.`;
  }
  const names = [...table.groups.keys()].slice(0, 5).join(', ');
  const cure = 'create the topic, or send to it while autoCreateTopicEnable is on';
  return `${official}\nCause: none of the registered brokers (${names}) has it; ${cure}.`;
}

function registerLists(server: RemotingServer, deps: ProcessorDeps): void {
  const { table } = deps;
  server.register(RequestCode.GetAllTopicListFromNameserver, () => {
    if (!deps.settings().enableAllTopicList) return DISABLED;
    return { code: ResponseCode.Success, body: encodeTopicList(table.topics.keys()) };
  });
  server.register(GetTopicsByCluster.code, (command) => {
    if (!deps.settings().enableTopicList) return DISABLED;
    const { cluster } = GetTopicsByCluster.request.decode(command.ext);
    return { code: ResponseCode.Success, body: encodeTopicList(topicsOfCluster(table, cluster)) };
  });
  server.register(RequestCode.GetSystemTopicListFromNs, () => {
    const names = new Set([...table.clusters.keys(), ...table.groups.keys()]);
    const [group] = table.groups.values();
    const [address] = group?.addresses.values() ?? [];
    return { code: ResponseCode.Success, body: encodeTopicList(names, address) };
  });
  const unit = (matches: (flag: number) => boolean) => (): Outgoing =>
    deps.settings().enableTopicList
      ? { code: ResponseCode.Success, body: encodeTopicList(topicsByFlag(table, matches)) }
      : DISABLED;
  server.register(
    RequestCode.GetUnitTopicList,
    unit((flag) => (flag & UNIT) !== 0),
  );
  server.register(
    RequestCode.GetHasUnitSubTopicList,
    unit((flag) => (flag & UNIT_SUBSCRIPTION) !== 0),
  );
  server.register(
    RequestCode.GetHasUnitSubUnunitTopicList,
    unit((flag) => (flag & UNIT) === 0 && (flag & UNIT_SUBSCRIPTION) !== 0),
  );
}

function* topicsOfCluster(table: RouteTable, cluster: string): Iterable<string> {
  const names = table.clusters.get(cluster) ?? new Set<string>();
  for (const [topic, queues] of table.topics) {
    for (const name of queues.keys()) {
      if (!names.has(name)) continue;
      yield topic;
      break;
    }
  }
}

function* topicsByFlag(table: RouteTable, matches: (flag: number) => boolean): Iterable<string> {
  for (const [topic, queues] of table.topics) {
    const [first] = queues.values();
    if (first !== undefined && matches(first.topicSysFlag)) yield topic;
  }
}
