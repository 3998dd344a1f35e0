import { Notification, ResponseCode } from '@skylarkmq/wire';
import type { Requester } from '../instance/requester.ts';
import { responseError } from './expect-success.ts';
import type { PopArguments } from './pop-message.ts';

/** What a broker says of a topic. */
export type PopNews =
  /** There is something to pop. */
  | 'messages'
  /** Nothing came in time. */
  | 'nothing'
  /** The broker holds too many requests already. */
  | 'full'
  /** The broker does not know this request. */
  | 'unsupported';

const EXTRA_MS = 5_000;

/** Waits, at the broker, until there is something to pop; nothing is taken by that. */
// RocketMQ: NotificationProcessor#processRequest
export async function popNotification(
  requester: Requester,
  address: string,
  group: string,
  args: PopArguments,
  signal: AbortSignal,
): Promise<PopNews> {
  const { queue, subscription } = args;
  const ext = Notification.request.encode({
    consumerGroup: group,
    topic: queue.topic,
    queueId: queue.queueId,
    pollTime: args.holdMs,
    bornTime: 0,
    order: args.ordered,
    attemptId: args.attemptId,
    expType: subscription.expressionType,
    exp: subscription.expression,
    bname: queue.brokerName,
  });
  const how = { timeoutMs: args.holdMs + EXTRA_MS, signal };
  const answer = await requester.request(address, { code: Notification.code, ext }, how);
  if (answer.code === ResponseCode.RequestCodeNotSupported) return 'unsupported';
  if (answer.code !== ResponseCode.Success) {
    throw responseError(answer, `The wait for messages of ${queue.topic}`);
  }
  const { hasMsg, pollingFull } = Notification.response.decode(answer.ext);
  if (hasMsg) return 'messages';
  return pollingFull === true ? 'full' : 'nothing';
}
