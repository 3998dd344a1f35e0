import type { MessageQueue } from '@skylarkmq/message';
import { type Command, type Outgoing, RequestCode, SendMessage } from '@skylarkmq/wire';
import type { Requester, RequestOptions } from '../instance/requester.ts';
import { type SendReceipt, sendStatusOf } from '../producer/send-receipt.ts';
import { TEMPLATE_QUEUE_NUMS, TEMPLATE_TOPIC } from '../route/route-table.ts';
import { responseError } from './expect-success.ts';

/** A message, or a batch, as it goes to a broker. */
export interface SendArguments {
  readonly group: string;
  readonly topic: string;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly flag: number;
  /** The encoded properties. */
  readonly properties: string;
  readonly batch: boolean;
  /** A reply: the broker passes it on to the client that asked. */
  readonly isReply?: boolean;
  /** The body as it is sent, or the encoded batch. */
  readonly body: Buffer;
  /** The ids that the client gave: one, or one per message of the batch. */
  readonly messageIds: readonly string[];
  /** For messages that go to a retry topic. */
  readonly reconsumeTimes?: number;
  readonly maxReconsumeTimes?: number | undefined;
}

const REGION_DEFAULT = 'DefaultRegion';

/** Sends to a queue and waits until the broker has stored; one receipt per message. */
// RocketMQ: MQClientAPIImpl#sendMessage, #processSendResponse
export async function sendMessage(
  requester: Requester,
  address: string,
  queue: MessageQueue,
  args: SendArguments,
  options: RequestOptions,
): Promise<readonly SendReceipt[]> {
  const answer = await requester.request(address, outgoing(queue, args), options);
  return receipts(answer, queue, args);
}

/** Sends to a queue without an answer. */
export function sendMessageOneway(
  requester: Requester,
  address: string,
  queue: MessageQueue,
  args: SendArguments,
): Promise<void> {
  return requester.oneway(address, outgoing(queue, args));
}

function outgoing(queue: MessageQueue, args: SendArguments): Outgoing {
  return {
    code: codeOf(args),
    ext: SendMessage.requestV2.encode({
      a: args.group,
      b: args.topic,
      c: TEMPLATE_TOPIC,
      d: TEMPLATE_QUEUE_NUMS,
      e: queue.queueId,
      f: args.sysFlag,
      g: args.bornTimestamp,
      h: args.flag,
      i: args.properties,
      j: args.reconsumeTimes ?? 0,
      k: false,
      l: args.maxReconsumeTimes,
      m: args.batch,
      n: queue.brokerName,
    }),
    body: args.body,
  };
}

function codeOf({ batch, isReply }: SendArguments): number {
  if (isReply === true) return RequestCode.SendReplyMessageV2;
  return batch ? RequestCode.SendBatchMessage : RequestCode.SendMessageV2;
}

function receipts(
  answer: Command,
  asked: MessageQueue,
  args: SendArguments,
): readonly SendReceipt[] {
  const status = sendStatusOf(answer.code);
  if (status === undefined) throw responseError(answer, `The message to ${args.topic}`);
  const { msgId, queueId, queueOffset, transactionId, recallHandle } = SendMessage.response.decode(
    answer.ext,
  );
  // With queue -1 the broker chose.
  const queue: MessageQueue =
    queueId === asked.queueId
      ? asked
      : { topic: args.topic, brokerName: asked.brokerName, queueId };
  const regionId = answer.ext.get('MSG_REGION') ?? REGION_DEFAULT;
  const traceOn = answer.ext.get('TRACE_ON') !== 'false';
  const offsetMessageIds = args.batch ? msgId.split(',') : [msgId];
  return args.messageIds.map((messageId, index) => ({
    status,
    messageId,
    offsetMessageId: offsetMessageIds[index] ?? '',
    queue,
    queueOffset: queueOffset + index,
    transactionId,
    regionId,
    traceOn,
    ...(recallHandle === undefined ? {} : { recallHandle }),
  }));
}
