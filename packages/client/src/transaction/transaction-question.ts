import { type CompressionCodec, decodeRecord, PropertyName } from '@skylarkmq/message';
import { CheckTransactionState, type Command } from '@skylarkmq/wire';
import { ReceivedMessage } from '../consumer/received-message.ts';
import type { TransactionQuestion } from './transaction-checks.ts';

/** Reads what a broker asks; the group is that of the message. CORRUPT for a broken record. */
// RocketMQ: ClientRemotingProcessor#checkTransactionState
export function decodeQuestion(
  command: Command,
  address: string,
  topicOf: (brokerTopic: string) => string,
  codecs: readonly CompressionCodec[],
): TransactionQuestion & { readonly group: string } {
  const header = CheckTransactionState.request.decode(command.ext);
  const stored = decodeRecord(Buffer.from(command.body ?? ''));
  const { topic, queueId, properties } = stored;
  const group = properties.get(PropertyName.ProducerGroup) ?? '';
  const queue = { topic, brokerName: header.bname ?? '', queueId };
  const msgId = properties.get(PropertyName.UniqueKey) ?? header.offsetMsgId ?? '';
  return {
    group,
    address,
    message: new ReceivedMessage(stored, queue, stored.reconsumeTimes, topicOf(topic), codecs),
    answer: {
      topic,
      producerGroup: group,
      tranStateTableOffset: header.tranStateTableOffset,
      commitLogOffset: header.commitLogOffset,
      fromTransactionCheck: true,
      msgId,
      transactionId: header.transactionId ?? msgId,
      ...(header.bname === undefined ? {} : { bname: header.bname }),
    },
  };
}
