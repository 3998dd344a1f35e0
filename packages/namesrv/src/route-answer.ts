/** Builds the answer to a route query: acting masters, advertised addresses, zones, filters. */
import { SystemTopic } from '@skylarkmq/message';
import type { BrokerData, TopicRoute } from '@skylarkmq/wire';
import {
  type BrokerGroup,
  isQueueWritable,
  liveKey,
  MASTER_ID,
  minId,
  type RouteTable,
} from './route-table.ts';

export interface RouteQuestion {
  readonly topic: string;
  /** Show the smallest slave as master where the master is gone. */
  readonly supportActingMaster: boolean;
  /** Host by which the asker reached us: what brokers that registered with `auto` are told as. */
  readonly reachedHost: string;
  readonly orderTopicConf: string | undefined;
  /** Only brokers of this zone, unless they have no master. */
  readonly zone: string | undefined;
}

/** Undefined when nobody has the topic. */
// RocketMQ: RouteInfoManager#pickupTopicRouteData
export function routeOf(table: RouteTable, question: RouteQuestion): TopicRoute | undefined {
  const queues = table.topics.get(question.topic);
  if (queues === undefined || queues.size === 0) return undefined;
  const groups: BrokerGroup[] = [];
  let known = false;
  for (const name of queues.keys()) {
    const group = table.groups.get(name);
    if (group !== undefined) known = true;
    if (group !== undefined && inZone(group, question.zone)) groups.push(group);
  }
  if (!known) return undefined;
  const names = new Set(groups.map((group) => group.brokerName));
  const brokerDatas = groups.map((group) => {
    const actingAllowed = question.supportActingMaster && !isMemberTopic(question.topic);
    const writable = isQueueWritable(queues.get(group.brokerName));
    return brokerDataOf(table, group, question.reachedHost, actingAllowed && !writable);
  });
  return {
    brokerDatas,
    queueDatas: [...queues.values()].filter((queue) => names.has(queue.brokerName)),
    filterServerTable: filterServers(table, groups),
    orderTopicConf: question.orderTopicConf,
    mappings: table.mappings.get(question.topic),
  };
}

/** A group as clients see it. `acting`: without a master the smallest id is shown as one. */
export function brokerDataOf(
  table: RouteTable,
  group: BrokerGroup,
  reachedHost: string,
  acting = false,
): BrokerData {
  const brokerAddrs = new Map<number, string>();
  for (const [id, address] of group.addresses) {
    brokerAddrs.set(id, advertised(table, group.cluster, address, reachedHost));
  }
  const smallest = minId(group);
  if (acting && group.enableActingMaster && smallest !== undefined && smallest !== MASTER_ID) {
    const address = brokerAddrs.get(smallest);
    brokerAddrs.delete(smallest);
    if (address !== undefined) brokerAddrs.set(MASTER_ID, address);
  }
  return {
    cluster: group.cluster,
    brokerName: group.brokerName,
    brokerAddrs,
    enableActingMaster: group.enableActingMaster,
    zoneName: group.zoneName,
  };
}

function advertised(
  table: RouteTable,
  cluster: string,
  address: string,
  reachedHost: string,
): string {
  if (!table.live(cluster, address)?.advertiseAuto) return address;
  return withHost(address, reachedHost);
}

/** The same port at another host. */
export function withHost(address: string, host: string): string {
  return `${host}:${address.slice(address.lastIndexOf(':') + 1)}`;
}

function inZone(group: BrokerGroup, zone: string | undefined): boolean {
  if (zone === undefined || !group.addresses.has(MASTER_ID)) return true;
  return group.zoneName?.toLowerCase() === zone.toLowerCase();
}

function isMemberTopic(topic: string): boolean {
  return topic.startsWith(SystemTopic.SyncBrokerMemberPrefix);
}

function filterServers(
  table: RouteTable,
  groups: readonly BrokerGroup[],
): Map<string, readonly string[]> {
  const result = new Map<string, readonly string[]>();
  if (table.filterServers.size === 0) return result;
  for (const group of groups) {
    for (const address of group.addresses.values()) {
      const servers = table.filterServers.get(liveKey(group.cluster, address));
      if (servers !== undefined) result.set(address, servers);
    }
  }
  return result;
}
