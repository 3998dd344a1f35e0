import type { JsonInputObject } from '@skylarkmq/base';
import { javaBody } from './json-body.ts';
import { type SubscriptionData, subscriptionDataJson } from './subscription-data.ts';

/** A client at a broker. */
export interface ClientConnection {
  readonly clientId: string;
  /** "ip:port". */
  readonly clientAddr: string;
  /** By name: JAVA, GO, ... */
  readonly language: string;
  /** See mq-version.ts. */
  readonly version: number;
}

/** A group with the clients that consume for it. Enumerations are their Java names. */
export interface ConsumerConnections {
  readonly connections: readonly ClientConnection[];
  readonly consumeType: string;
  readonly messageModel: string;
  readonly consumeFromWhere: string;
  readonly subscriptions: ReadonlyMap<string, SubscriptionData>;
}

/** A client that produces. */
export interface ProducerClient extends ClientConnection {
  /** Its last heartbeat, milliseconds since the epoch. */
  readonly lastUpdateTimestamp: number;
}

/** Body of GET_CONSUMER_CONNECTION_LIST. */
export function encodeConsumerConnections(group: ConsumerConnections): Buffer {
  const subscriptions = [...group.subscriptions].map(
    ([topic, one]) => [topic, subscriptionDataJson(one)] as const,
  );
  return javaBody({
    connectionSet: group.connections.map(connectionJson),
    consumeFromWhere: group.consumeFromWhere,
    consumeType: group.consumeType,
    messageModel: group.messageModel,
    subscriptionTable: new Map(subscriptions),
  });
}

/** Body of GET_PRODUCER_CONNECTION_LIST. */
export function encodeProducerConnections(connections: readonly ClientConnection[]): Buffer {
  return javaBody({ connectionSet: connections.map(connectionJson) });
}

/** Body of GET_ALL_PRODUCER_INFO: group to clients. */
export function encodeProducerTable(
  groups: ReadonlyMap<string, readonly ProducerClient[]>,
): Buffer {
  const data = [...groups].map(([group, clients]) => [group, clients.map(producerJson)] as const);
  return javaBody({ data: new Map(data) });
}

function connectionJson(client: ClientConnection): JsonInputObject {
  const { clientAddr, clientId, language, version } = client;
  return { clientAddr, clientId, language, version };
}

function producerJson(client: ProducerClient): JsonInputObject {
  const { clientId, clientAddr, language, lastUpdateTimestamp, version } = client;
  // Java's form of a socket address that has no name.
  return { clientId, language, lastUpdateTimestamp, remoteIP: `/${clientAddr}`, version };
}
