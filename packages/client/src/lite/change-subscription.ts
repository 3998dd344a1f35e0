import { MqError, MqErrorCode } from '@skylarkmq/base';
import {
  encodeLiteSubscriptionChanges,
  type LiteSubscriptionChange,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import { responseError } from '../api/expect-success.ts';
import type { Requester } from '../instance/requester.ts';

/** Tells one broker of lite topics that a client wants, or does not want any more. */
// RocketMQ: MQClientAPIExt#syncLiteSubscriptionAsync
export async function changeLiteSubscription(
  requester: Requester,
  address: string,
  change: LiteSubscriptionChange,
): Promise<void> {
  const body = encodeLiteSubscriptionChanges([change]);
  const answer = await requester.request(address, { code: RequestCode.LiteSubscriptionCtl, body });
  if (answer.code === ResponseCode.Success) return;
  const error = responseError(answer, `The subscription of lite topics of ${change.topic}`);
  if (answer.code !== ResponseCode.LiteSubscriptionQuotaExceeded) throw error;
  throw new MqError(MqErrorCode.Busy, error.message, { responseCode: answer.code });
}
