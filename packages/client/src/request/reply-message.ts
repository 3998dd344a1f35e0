import {
  type CompressionCodec,
  decodePropertyText,
  PropertyName,
  type StoredMessage,
} from '@skylarkmq/message';
import { type Command, PushReplyMessage } from '@skylarkmq/wire';
import { ReceivedMessage } from '../consumer/received-message.ts';

/**
 * A reply to a request. It comes over the connection, not out of a queue: `queueOffset` is -1, and
 * `offsetMessageId` and the broker's name are empty.
 */
export class ReplyMessage extends ReceivedMessage {
  /** What the reply has in common with its request. */
  get correlationId(): string {
    return this.property(PropertyName.CorrelationId) ?? '';
  }
}

/** The reply that a broker pushes. CORRUPT or INVALID_ARGUMENT when it is not in the known form. */
// RocketMQ: ClientRemotingProcessor#receiveReplyMessage
export function decodeReply(command: Command, codecs: readonly CompressionCodec[]): ReplyMessage {
  const header = PushReplyMessage.request.decode(command.ext);
  const { topic, queueId, reconsumeTimes } = header;
  const body = command.body ?? Buffer.alloc(0);
  const stored: StoredMessage = {
    topic,
    queueId,
    queueOffset: -1,
    physicalOffset: -1,
    flag: header.flag,
    sysFlag: header.sysFlag,
    bornTimestamp: header.bornTimestamp,
    bornHost: header.bornHost,
    storeTimestamp: header.storeTimestamp,
    storeHost: header.storeHost,
    reconsumeTimes,
    preparedTransactionOffset: 0,
    body,
    bodyCrc: 0,
    properties: decodePropertyText(header.properties),
    storeSize: body.length,
    offsetMessageId: '',
  };
  return new ReplyMessage(
    stored,
    { topic, brokerName: '', queueId },
    reconsumeTimes,
    topic,
    codecs,
  );
}
