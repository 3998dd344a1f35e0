import { decodeRecords, PullFlag } from '@skylarkmq/message';
import { PullMessage, RequestCode, ResponseCode } from '@skylarkmq/wire';
import type { PullArguments } from '../consumer/consumer-network.ts';
import type { PullOutcome } from '../consumer/pull-loop.ts';
import type { Requester } from '../instance/requester.ts';
import { responseError } from './expect-success.ts';

/** What a broker answered, and which broker of its group to ask next. */
export interface PullResult {
  readonly outcome: PullOutcome;
  readonly suggestedBrokerId: number;
}

/** Asks a broker for messages of a queue; the request may be held there until there are some. */
// RocketMQ: PullAPIWrapper#pullKernelImpl, MQClientAPIImpl#processPullResponse
export async function pullMessage(
  requester: Requester,
  address: string,
  group: string,
  args: PullArguments,
  options: { readonly fromMaster: boolean; readonly signal: AbortSignal },
): Promise<PullResult> {
  const { queue, subscription } = args;
  const commits = options.fromMaster && args.commitOffset !== undefined;
  const inline = args.lite || subscription.expressionType !== 'TAG';
  const ext = PullMessage.request.encode({
    consumerGroup: group,
    topic: queue.topic,
    queueId: queue.queueId,
    queueOffset: args.offset,
    maxMsgNums: args.batchSize,
    sysFlag:
      PullFlag.Suspend |
      (commits ? PullFlag.CommitOffset : 0) |
      (inline ? PullFlag.Subscription : 0) |
      (args.lite ? PullFlag.Lite : 0),
    commitOffset: args.commitOffset ?? 0,
    suspendTimeoutMillis: args.holdMs,
    subscription: inline ? subscription.expression : undefined,
    subVersion: subscription.version,
    expressionType: subscription.expressionType,
    maxMsgBytes: args.batchBytes,
    bname: queue.brokerName,
  });
  const code = args.lite ? RequestCode.LitePullMessage : RequestCode.PullMessage;
  const how = { timeoutMs: args.timeoutMs, signal: options.signal };
  const answer = await requester.request(address, { code, ext }, how);
  const status = statusOf(answer.code);
  if (status === undefined) throw responseError(answer, `The pull of ${queue.topic}`);
  const { nextBeginOffset, suggestWhichBrokerId, offsetDelta } = PullMessage.response.decode(
    answer.ext,
  );
  const suggestedBrokerId = suggestWhichBrokerId ?? 0;
  const nextOffset = nextBeginOffset ?? args.offset;
  if (status !== 'found') return { outcome: { status, nextOffset }, suggestedBrokerId };
  const records = answer.body === null ? [] : decodeRecords(answer.body);
  const { queueId } = queue;
  // Of a static topic: the records are from a physical queue, the pull is from a logical one.
  const messages =
    offsetDelta === undefined
      ? records
      : records.map((one) => ({ ...one, queueId, queueOffset: one.queueOffset + offsetDelta }));
  return { outcome: { status, messages, nextOffset }, suggestedBrokerId };
}

function statusOf(code: number): PullOutcome['status'] | undefined {
  switch (code) {
    case ResponseCode.Success:
      return 'found';
    case ResponseCode.PullNotFound:
    case ResponseCode.PullRetryImmediately:
      return 'nothing';
    case ResponseCode.PullOffsetMoved:
      return 'moved';
    default:
      return undefined;
  }
}
