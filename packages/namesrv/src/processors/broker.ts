/** What brokers ask: register, unregister, heartbeat, data version, members. */
import { crc32, MqError, MqErrorCode, parseFastjson } from '@skylarkmq/base';
import { maskCrc } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import {
  BrokerHeartbeat,
  type Command,
  decodeCompressedRegisterBrokerBody,
  decodeDataVersion,
  decodeOldRegisterBrokerBody,
  decodeRegisterBrokerBody,
  decodeTopicRoute,
  encodeBrokerMemberGroup,
  encodeTextTable,
  GetBrokerMemberGroup,
  MqVersion,
  QueryDataVersion,
  RegisterBroker,
  type RegisterBrokerBody,
  type RegisterBrokerRequest,
  RegisterTopicInNamesrv,
  ResponseCode,
  sameVersion,
  UnregisterBroker,
} from '@skylarkmq/wire';
import { ORDER_TOPIC_NAMESPACE } from '../kv-config.ts';
import { brokerDataOf, withHost } from '../route-answer.ts';
import { type ProcessorDeps, reachedHost } from './deps.ts';

const HEARTBEAT_TIMEOUT_MS = 120_000;
const NAME_LENGTH_MAX = 512;
const ZONE_FIELD = '__ZONE_NAME';

export function registerBrokerHandlers(server: RemotingServer, deps: ProcessorDeps): void {
  const { table, liveness, clock } = deps;
  registerRegistration(server, deps);
  server.register(UnregisterBroker.code, (command) => {
    const { clusterName, brokerName, brokerAddr } = UnregisterBroker.request.decode(command.ext);
    liveness.unregister(clusterName, brokerName, brokerAddr);
    return { code: ResponseCode.Success };
  });
  server.register(BrokerHeartbeat.code, (command) => {
    const { clusterName, brokerAddr } = BrokerHeartbeat.request.decode(command.ext);
    table.touch(clusterName, brokerAddr, clock.nowMs());
    return { code: ResponseCode.Success };
  });
  server.register(QueryDataVersion.code, (command) => {
    const { clusterName, brokerAddr } = QueryDataVersion.request.decode(command.ext);
    const theirs = decodeDataVersion(parseFastjson(command.body?.toString('utf8') ?? '{}'));
    const live = table.live(clusterName, brokerAddr);
    table.touch(clusterName, brokerAddr, clock.nowMs());
    const changed = live === undefined || !sameVersion(live.dataVersion, theirs);
    const body = live === undefined ? null : Buffer.from(JSON.stringify(live.dataVersion));
    return { code: ResponseCode.Success, ext: QueryDataVersion.response.encode({ changed }), body };
  });
  server.register(GetBrokerMemberGroup.code, (command, connection) => {
    const { clusterName, brokerName } = GetBrokerMemberGroup.request.decode(command.ext);
    const group = table.groups.get(brokerName);
    const data = group && brokerDataOf(table, group, reachedHost(connection));
    const addresses = data?.brokerAddrs ?? new Map<number, string>();
    const body = encodeBrokerMemberGroup(clusterName, brokerName, addresses);
    return { code: ResponseCode.Success, body };
  });
  server.register(RegisterTopicInNamesrv.code, (command) => {
    const { topic } = RegisterTopicInNamesrv.request.decode(command.ext);
    if (command.body !== null)
      table.registerTopic(topic, decodeTopicRoute(command.body).queueDatas);
    return { code: ResponseCode.Success };
  });
}

function registerRegistration(server: RemotingServer, deps: ProcessorDeps): void {
  const { table, liveness, kvConfig, clock, settings } = deps;
  server.register(RegisterBroker.code, (command, connection) => {
    const request = RegisterBroker.request.decode(command.ext);
    checkCrc(command, request);
    checkNames(request);
    const registration = {
      cluster: request.clusterName,
      brokerName: request.brokerName,
      brokerId: request.brokerId,
      address: request.brokerAddr,
      haServerAddress: request.haServerAddr ?? '',
      timeoutMs: request.heartbeatTimeoutMillis ?? HEARTBEAT_TIMEOUT_MS,
      enableActingMaster: request.enableActingMaster,
      zoneName: command.ext.get(ZONE_FIELD),
      connectionId: connection.id,
      advertiseAuto: request.skylarkAdvertise === 'auto',
    };
    const result = table.register(registration, bodyOf(command, request), clock.nowMs(), {
      deleteMissingTopics: settings().deleteTopicWithBrokerRegistration,
    });
    if (result === undefined) {
      return { code: ResponseCode.SystemError, remark: 'register broker failed' };
    }
    if (result.minIdChanged) {
      liveness.minIdChanged(request.brokerName, registration.haServerAddress);
    }
    const told = (address: string | undefined): string | undefined =>
      result.masterAdvertisesAuto && address !== undefined
        ? withHost(address, reachedHost(connection))
        : address;
    const order = settings().returnOrderTopicConfigToBroker
      ? kvConfig.list(ORDER_TOPIC_NAMESPACE)
      : undefined;
    return {
      code: ResponseCode.Success,
      ext: RegisterBroker.response.encode({
        haServerAddr: told(result.haServerAddress),
        masterAddr: told(result.masterAddress),
      }),
      body: order === undefined ? null : encodeTextTable(order),
    };
  });
}

function bodyOf(command: Command, request: RegisterBrokerRequest): RegisterBrokerBody {
  if (command.version < MqVersion.V3_0_11) return decodeOldRegisterBrokerBody(command.body);
  if (request.compressed) {
    return decodeCompressedRegisterBrokerBody(command.body, command.version >= MqVersion.V5_0_0);
  }
  return decodeRegisterBrokerBody(command.body);
}

/** Names become keys of tables that live long: what no broker would use is refused. */
function checkNames({ clusterName, brokerName, brokerAddr }: RegisterBrokerRequest): void {
  for (const name of [clusterName, brokerName, brokerAddr]) {
    if (name !== '' && name.length <= NAME_LENGTH_MAX) continue;
    const limits = `must have 1 to ${NAME_LENGTH_MAX} characters`;
    throw new MqError(MqErrorCode.InvalidArgument, `Cluster, broker name and address ${limits}`);
  }
}

function checkCrc(command: Command, request: RegisterBrokerRequest): void {
  if (request.bodyCrc32 === 0 || command.body === null) return;
  const actual = maskCrc(crc32(command.frame, command.bodyStart, command.bodyEnd));
  if (actual === request.bodyCrc32) return;
  throw new MqError(MqErrorCode.InvalidArgument, 'crc32 not match');
}
