import { jsonObjectOr, jsonString } from '@skylarkmq/base';
import { javaBody, parseBody } from './json-body.ts';
import { type BrokerData, brokerDataJson, decodeBrokerData } from './topic-route.ts';

/** The brokers that a name server knows. */
export interface ClusterInfo {
  readonly brokers: ReadonlyMap<string, BrokerData>;
  /** Cluster to broker names. */
  readonly clusters: ReadonlyMap<string, readonly string[]>;
}

export function encodeClusterInfo(info: ClusterInfo): Buffer {
  const brokers = new Map([...info.brokers].map(([name, one]) => [name, brokerDataJson(one)]));
  return javaBody({ brokerAddrTable: brokers, clusterAddrTable: info.clusters });
}

export function decodeClusterInfo(body: Buffer | null): ClusterInfo {
  const object = jsonObjectOr(parseBody(body), 'cluster info');
  const brokers = new Map<string, BrokerData>();
  for (const [name, one] of jsonObjectOr(object.get('brokerAddrTable'), 'brokerAddrTable')) {
    brokers.set(name, decodeBrokerData(one));
  }
  const clusters = new Map<string, readonly string[]>();
  for (const [name, list] of jsonObjectOr(object.get('clusterAddrTable'), 'clusterAddrTable')) {
    const names = Array.isArray(list) ? list.map((one) => jsonString(one, 'broker name')) : [];
    clusters.set(name, names);
  }
  return { brokers, clusters };
}

/** Body of GET_BROKER_MEMBER_GROUP. */
export function encodeBrokerMemberGroup(
  cluster: string,
  brokerName: string,
  brokerAddrs: ReadonlyMap<number, string>,
): Buffer {
  return javaBody({ brokerMemberGroup: { brokerAddrs, brokerName, cluster } });
}
