import type { StoredMessage } from '@skylarkmq/message';
import { ConsumerSendMsgBack } from '@skylarkmq/wire';
import type { SendBackArguments } from '../consumer/consumer-network.ts';
import type { Requester } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';

/** Hands a message back to the broker that stored it, to be delivered again or buried. */
export async function sendBack(
  requester: Requester,
  address: string,
  group: string,
  message: StoredMessage,
  brokerName: string,
  args: SendBackArguments,
): Promise<void> {
  const ext = ConsumerSendMsgBack.request.encode({
    offset: message.physicalOffset,
    group,
    delayLevel: args.delayLevel,
    originMsgId: message.offsetMessageId,
    originTopic: message.topic,
    unitMode: false,
    maxReconsumeTimes: args.maxReconsumeTimes,
    bname: brokerName,
    lastError: args.lastError,
  });
  const answer = await requester.request(address, { code: ConsumerSendMsgBack.code, ext });
  expectSuccess(answer, `The return of message ${message.offsetMessageId}`);
}
