import { parseRecallHandle } from '@skylarkmq/message';
import { RecallMessage } from '@skylarkmq/wire';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { RequestOptions } from '../instance/requester.ts';
import { expectSuccess } from './expect-success.ts';

/** Takes back a message that waits for its time; resolves with its id and the broker's region. */
// RocketMQ: DefaultMQProducerImpl#recallMessage
export async function recallMessage(
  instance: ClientInstance,
  group: string,
  topic: string,
  handle: string,
  options: RequestOptions,
): Promise<{ readonly messageId: string; readonly regionId: string | undefined }> {
  const { brokerName } = parseRecallHandle(handle);
  const address = await instance.masterOf(brokerName, topic);
  const answer = await instance.request(
    address,
    {
      code: RecallMessage.code,
      ext: RecallMessage.request.encode({
        producerGroup: group,
        topic,
        recallHandle: handle,
        bname: brokerName,
      }),
    },
    options,
  );
  expectSuccess(answer, `The recall of a message of ${topic}`);
  const { msgId } = RecallMessage.response.decode(answer.ext);
  return { messageId: msgId, regionId: answer.ext.get('MSG_REGION') };
}
