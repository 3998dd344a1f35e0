/** Clients that are online: who they are, and requests that are passed on to them. */
import type { Clock } from '@skylarkmq/base';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  type ClientConnection,
  encodeConsumerConnections,
  encodeProducerConnections,
  encodeProducerTable,
  GetConsumerConnectionList,
  GetProducerConnectionList,
  languageName,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import type { ClientChannel } from '../../consumer-group/client-channel.ts';
import type { ConsumerRegistry } from '../../consumer-group/consumer-registry.ts';
import type { ProducerRegistry } from '../../consumer-group/producer-registry.ts';
import { systemError } from './refusal.ts';

/** Field of the answer: what the members of a group disagree about. */
const INCONSISTENT = 'inconsistentSubscription';

export interface ConnectionAdminDeps {
  readonly consumers: Pick<ConsumerRegistry, 'group' | 'guard'>;
  readonly producers: Pick<ProducerRegistry, 'clients' | 'groups'>;
  readonly clock: Clock;
}

export function registerConnectionHandlers(
  server: RemotingServer,
  deps: ConnectionAdminDeps,
): void {
  const { consumers, producers, clock } = deps;
  server.register(GetConsumerConnectionList.code, (command) => {
    const { consumerGroup } = GetConsumerConnectionList.request.decode(command.ext);
    const group = consumers.group(consumerGroup);
    if (group === undefined) {
      const remark = `the consumer group[${consumerGroup}] not online`;
      return { code: ResponseCode.ConsumerNotOnline, remark };
    }
    const connections = [...group.clients.values()].map(connectionOf);
    const body = encodeConsumerConnections({ ...group, connections });
    const disagreement = consumers.guard.disagreement(consumerGroup)?.about ?? '';
    // Ours; the official tools do not look at it.
    const ext = new Map(disagreement === '' ? [] : [[INCONSISTENT, disagreement]]);
    return { code: ResponseCode.Success, ext, body };
  });
  server.register(GetProducerConnectionList.code, (command) => {
    const { producerGroup } = GetProducerConnectionList.request.decode(command.ext);
    const clients = producers.clients(producerGroup);
    if (clients.length === 0) return systemError(`the producer group[${producerGroup}] not exist`);
    const body = encodeProducerConnections(clients.map(connectionOf));
    return { code: ResponseCode.Success, body };
  });
  server.register(RequestCode.GetAllProducerInfo, () => {
    const started = clock.nowMs() - clock.monotonicMs();
    const table = producers.groups().map((group) => {
      const clients = producers.clients(group).map((client) => ({
        ...connectionOf(client),
        lastUpdateTimestamp: Math.round(started + client.lastUpdateMs),
      }));
      return [group, clients] as const;
    });
    return { code: ResponseCode.Success, body: encodeProducerTable(new Map(table)) };
  });
}

function connectionOf({
  clientId,
  connection,
  language,
  version,
}: ClientChannel): ClientConnection {
  const clientAddr = connection.remoteAddress;
  return { clientId, clientAddr, language: languageName(language), version };
}
