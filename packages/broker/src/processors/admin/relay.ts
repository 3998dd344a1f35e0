/** Requests of tools that a consumer answers; the broker passes them on and the answer back. */
import { type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import { decodeOffsetMessageId } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import {
  type Command,
  ConsumeMessageDirectly,
  decodeConsumerStatus,
  encodeConsumerStatus,
  GetConsumerRunningInfo,
  GetConsumerStatusFromClient,
  InvokeBrokerToGetConsumerStatus,
  MqVersion,
  type Outgoing,
  type QueueOffset,
  ResponseCode,
} from '@skylarkmq/wire';
import type { ClientChannel } from '../../consumer-group/client-channel.ts';
import type { ConsumerRegistry } from '../../consumer-group/consumer-registry.ts';
import type { BrokerIdentity } from '../../identity.ts';
import type { BrokerSettings } from '../../settings.ts';
import type { GroupTable } from '../../subscription/group-table.ts';
import type { TopicTable } from '../../topic/topic-table.ts';
import { invalidParameter, systemError } from './refusal.ts';

export interface RelayDeps {
  readonly consumers: Pick<ConsumerRegistry, 'client' | 'group'>;
  readonly topics: Pick<TopicTable, 'get'>;
  readonly groups: Pick<GroupTable, 'get'>;
  readonly store: Pick<MessageStore, 'readRecord'>;
  readonly identity: BrokerIdentity;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

/** RocketMQ: AdminBrokerProcessor#callConsumer. */
const RELAY_TIMEOUT_MS = 10_000;
/** RocketMQ: Broker2Client#getConsumeStatus. */
const STATUS_TIMEOUT_MS = 5000;

export function registerRelayHandlers(server: RemotingServer, deps: RelayDeps): void {
  server.register(GetConsumerRunningInfo.code, (command) => {
    const request = GetConsumerRunningInfo.request.decode(command.ext);
    const { code } = GetConsumerRunningInfo;
    return relay({ code, ext: command.ext, body: command.body }, request, deps);
  });
  server.register(ConsumeMessageDirectly.code, (command) => consumeDirectly(command, deps));
  server.register(InvokeBrokerToGetConsumerStatus.code, (command) => {
    const request = InvokeBrokerToGetConsumerStatus.request.decode(command.ext);
    return consumerStatus(request, deps);
  });
}

interface Target {
  readonly consumerGroup: string;
  readonly clientId?: string | undefined;
}

async function relay(request: Outgoing, target: Target, deps: RelayDeps): Promise<Outgoing> {
  const { consumerGroup: group, clientId } = target;
  const who = `<${group}> <${clientId ?? null}>`;
  const client = clientId === undefined ? undefined : deps.consumers.client(group, clientId);
  if (client === undefined) return systemError(`The Consumer ${who} not online`);
  if (client.version < MqVersion.V3_1_8) {
    const cure = 'too low to finish, please upgrade it to V3_1_8_SNAPSHOT';
    return systemError(`The Consumer ${who} Version <${client.version}> ${cure}`);
  }
  try {
    const answer = await client.connection.invoke(request, { timeoutMs: RELAY_TIMEOUT_MS });
    const { code, remark, ext, body } = answer;
    return { code, remark, ext, body: body === null ? null : Buffer.from(body) };
  } catch (thrown) {
    const error = MqError.from(thrown);
    if (error.code !== MqErrorCode.Timeout) {
      return systemError(`invoke consumer ${who} Exception: ${error.message}`);
    }
    const remark = `consumer ${who} Timeout: ${error.message}`;
    return { code: ResponseCode.ConsumeMsgTimeout, remark };
  }
}

/** Gives a consumer one message that is stored here. */
async function consumeDirectly(command: Command, deps: RelayDeps): Promise<Outgoing> {
  const request = ConsumeMessageDirectly.request.decode(command.ext);
  const { consumerGroup, clientId, msgId = '', topic } = request;
  let physicalOffset: number;
  try {
    physicalOffset = decodeOffsetMessageId(msgId).physicalOffset;
  } catch (error) {
    return invalidParameter(MqError.from(error).message);
  }
  const body = await deps.store.readRecord(physicalOffset);
  if (body === null) return systemError(`The message ${msgId} does not exist at this broker`);
  const ext = new Map(command.ext);
  ext.set('brokerName', deps.identity.brokerName);
  if (topic !== undefined) {
    ext.set('topicSysFlag', String(deps.topics.get(topic)?.topicSysFlag ?? 0));
  }
  ext.set('groupSysFlag', String(deps.groups.get(consumerGroup)?.groupSysFlag ?? 0));
  return relay({ code: ConsumeMessageDirectly.code, ext, body }, { consumerGroup, clientId }, deps);
}

interface StatusRequest {
  readonly topic: string;
  readonly group: string;
  /** In spite of its name, a client id; blank for all. */
  readonly clientAddr?: string | undefined;
}

async function consumerStatus(request: StatusRequest, deps: RelayDeps): Promise<Outgoing> {
  const { topic, group } = request;
  const wanted = request.clientAddr?.trim() ?? '';
  const members = [...(deps.consumers.group(group)?.clients.values() ?? [])];
  if (members.length === 0) {
    return systemError(`No Any Consumer online in the consumer group: [${group}]`);
  }
  const asked = members.filter(({ clientId }) => wanted === '' || clientId === wanted);
  const statuses = await Promise.all(
    asked.map(
      async (client) => [client.clientId, await statusOf(client, topic, group, deps)] as const,
    ),
  );
  const known = new Map<string, readonly QueueOffset[]>();
  for (const [id, offsets] of statuses) if (offsets !== undefined) known.set(id, offsets);
  return { code: ResponseCode.Success, body: encodeConsumerStatus(known) };
}

/** Undefined when the consumer does not answer. */
async function statusOf(
  client: ClientChannel,
  topic: string,
  group: string,
  deps: RelayDeps,
): Promise<QueueOffset[] | undefined> {
  const ext = GetConsumerStatusFromClient.request.encode({ topic, group });
  const request = { code: GetConsumerStatusFromClient.code, ext };
  try {
    const answer = await client.connection.invoke(request, { timeoutMs: STATUS_TIMEOUT_MS });
    if (answer.code === ResponseCode.Success) return decodeConsumerStatus(answer.body);
    deps.logger.warn({ group, clientId: client.clientId, code: answer.code }, 'No status');
  } catch (error) {
    deps.logger.warn({ group, clientId: client.clientId, error }, 'No status of a consumer');
  }
  return undefined;
}
