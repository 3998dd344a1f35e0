/**
 * Answers what brokers ask of a client on its own connection: members came or went, offsets are to
 * be reset, a reply has come, a tool wants to know how a consumer is doing or to run a message
 * through it.
 */
import { type Logger, MqError } from '@skylarkmq/base';
import { type CompressionCodec, decodeRecord } from '@skylarkmq/message';
import {
  type Command,
  NotifyUnsubscribeLite,
  type Outgoing,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import { encodeDirectResult } from '../api/direct-result.ts';
import { encodeGroupOffsets } from '../api/group-offsets.ts';
import { decodeResetOffsets } from '../api/reset-offsets.ts';
import { encodeRunningInfo } from '../api/running-info.ts';
import type { ConsumerMember } from '../consumer/consumer-member.ts';
import type { ResolvedClientOptions } from '../options/client-options.ts';
import { decodeReply } from '../request/reply-message.ts';
import type { WaitingRequests } from '../request/waiting-requests.ts';

/** The answer to a broker's request; a code that is not served is refused as unsupported. */
// RocketMQ: ClientRemotingProcessor#processRequest
export async function answerServerRequest(
  command: Command,
  consumers: ReadonlyMap<string, ConsumerMember>,
  requests: WaitingRequests,
  { codecs, logger }: Pick<ResolvedClientOptions, 'codecs' | 'logger'>,
): Promise<Outgoing | null> {
  switch (command.code) {
    case RequestCode.NotifyConsumerIdsChanged:
      consumers.get(command.ext.get('consumerGroup') ?? '')?.membersChanged();
      return null;
    case NotifyUnsubscribeLite.code:
      liteTopicLost(command, consumers);
      return null;
    case RequestCode.ResetConsumerClientOffset:
      return resetOffsets(command, consumers, logger);
    case RequestCode.GetConsumerStatusFromClient:
      return groupOffsets(command, consumers);
    case RequestCode.GetConsumerRunningInfo:
      return runningInfo(command, consumers);
    case RequestCode.ConsumeMessageDirectly:
      return consumeDirectly(command, consumers);
    case RequestCode.PushReplyMessageToClient:
      return takeReply(command, requests, codecs, logger);
    default:
      return {
        code: ResponseCode.RequestCodeNotSupported,
        remark: ` request type ${command.code} not supported`,
      };
  }
}

function liteTopicLost(command: Command, consumers: ReadonlyMap<string, ConsumerMember>): void {
  const { consumerGroup, liteTopic } = NotifyUnsubscribeLite.request.decode(command.ext);
  consumers.get(consumerGroup)?.liteTopicLost?.(liteTopic);
}

/** A reply that comes too late is taken as well: to refuse it would not help who replied. */
// RocketMQ: ClientRemotingProcessor#processReplyMessage
function takeReply(
  command: Command,
  requests: WaitingRequests,
  codecs: readonly CompressionCodec[],
  logger: Logger,
): Outgoing {
  try {
    const reply = decodeReply(command, codecs);
    if (!requests.arrived(reply)) {
      const { correlationId, bornHost } = reply;
      logger.warn({ correlationId, bornHost }, 'A reply came that nobody waits for');
    }
    return { code: ResponseCode.Success };
  } catch (thrown) {
    const error = MqError.from(thrown);
    logger.warn({ error }, 'A reply could not be read');
    return {
      code: ResponseCode.SystemError,
      remark: `process reply message fail: ${error.message}`,
    };
  }
}

/** One-way: the broker does not wait. Errors are logged, the tool sees the offsets. */
async function resetOffsets(
  command: Command,
  consumers: ReadonlyMap<string, ConsumerMember>,
  logger: Logger,
): Promise<null> {
  const topic = command.ext.get('topic') ?? '';
  const group = command.ext.get('group') ?? '';
  const member = consumers.get(group);
  if (member === undefined || command.body === null) return null;
  try {
    await member.resetOffsets(topic, decodeResetOffsets(command.body));
  } catch (thrown) {
    logger.warn({ error: MqError.from(thrown), group, topic }, 'Offsets were not reset');
  }
  return null;
}

function groupOffsets(command: Command, consumers: ReadonlyMap<string, ConsumerMember>): Outgoing {
  const topic = command.ext.get('topic') ?? '';
  const member = consumers.get(command.ext.get('group') ?? '');
  const body = encodeGroupOffsets(member?.offsetsOf(topic) ?? []);
  return { code: ResponseCode.Success, body };
}

function runningInfo(command: Command, consumers: ReadonlyMap<string, ConsumerMember>): Outgoing {
  const group = command.ext.get('consumerGroup') ?? '';
  const member = consumers.get(group);
  if (member === undefined) return unknownGroup(group);
  const withStack = command.ext.get('jstackEnable')?.toLowerCase() === 'true';
  return { code: ResponseCode.Success, body: encodeRunningInfo(member, withStack) };
}

async function consumeDirectly(
  command: Command,
  consumers: ReadonlyMap<string, ConsumerMember>,
): Promise<Outgoing> {
  const group = command.ext.get('consumerGroup') ?? '';
  const member = consumers.get(group);
  if (member === undefined || command.body === null) return unknownGroup(group);
  const brokerName = command.ext.get('brokerName') ?? '';
  const result = await member.consumeDirectly(decodeRecord(command.body), brokerName);
  return { code: ResponseCode.Success, body: encodeDirectResult(result) };
}

function unknownGroup(group: string): Outgoing {
  return {
    code: ResponseCode.SystemError,
    remark: `The Consumer Group <${group}> not exist in this consumer`,
  };
}
