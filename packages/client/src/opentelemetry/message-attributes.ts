/** Attributes of spans by OpenTelemetry's conventions for messaging, with those for RocketMQ. */
import type { Attributes } from '@opentelemetry/api';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { SendContext } from '../middleware/send-layers.ts';
import type { OutgoingMessage } from '../producer/outgoing-message.ts';
import type { SendReceipt } from '../producer/send-receipt.ts';

/** What is known of a send before it is done. */
export function sendAttributes({ group, kind, messages }: SendContext): Attributes {
  const [first] = messages;
  const name = kind === 'batch' ? 'send_batch' : 'send';
  const attributes: Attributes = {
    'messaging.system': 'rocketmq',
    'messaging.operation.name': name,
    'messaging.operation.type': 'send',
    'messaging.rocketmq.client_group': group,
  };
  if (first === undefined) return attributes;
  attributes['messaging.destination.name'] = first.topic;
  if (kind === 'batch') {
    attributes['messaging.batch.message_count'] = messages.length;
    return attributes;
  }
  const { body, keys, tags } = first;
  attributes['messaging.message.body.size'] =
    typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  attributes['messaging.rocketmq.message.type'] = messageType(kind, first);
  if (tags !== undefined) attributes['messaging.rocketmq.message.tag'] = tags;
  if (keys !== undefined) {
    attributes['messaging.rocketmq.message.keys'] = typeof keys === 'string' ? [keys] : [...keys];
  }
  return attributes;
}

/** What is known of a send when it is done. */
export function receiptAttributes(receipts: readonly SendReceipt[]): Attributes {
  const [first, ...others] = receipts;
  if (first === undefined) return {};
  const queue = { 'messaging.destination.partition.id': queueName(first.queue) };
  return others.length > 0 ? queue : { ...queue, 'messaging.message.id': first.messageId };
}

/** What is known of messages that are handed out. */
export function consumeAttributes(
  operation: 'process' | 'receive',
  group: string,
  messages: readonly ReceivedMessage[],
): Attributes {
  const [first, ...others] = messages;
  const attributes: Attributes = {
    'messaging.system': 'rocketmq',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.consumer.group.name': group,
  };
  if (first === undefined) return attributes;
  attributes['messaging.destination.name'] = first.topic;
  attributes['messaging.destination.partition.id'] = queueName(first.queue);
  if (others.length > 0) {
    attributes['messaging.batch.message_count'] = messages.length;
    return attributes;
  }
  attributes['messaging.message.id'] = first.messageId;
  attributes['messaging.message.body.size'] = first.stored.body.length;
  if (first.tags !== undefined) attributes['messaging.rocketmq.message.tag'] = first.tags;
  if (first.keys.length > 0) attributes['messaging.rocketmq.message.keys'] = [...first.keys];
  return attributes;
}

/** A copy of a message's own properties. */
export function propertiesOf({ properties }: OutgoingMessage): Map<string, string> {
  if (properties === undefined) return new Map();
  return new Map(properties instanceof Map ? properties : Object.entries(properties));
}

function messageType(kind: SendContext['kind'], message: OutgoingMessage): string {
  if (kind === 'transaction') return 'transaction';
  if (message.delayLevel !== undefined) return 'delay';
  return message.shardingKey === undefined ? 'normal' : 'fifo';
}

function queueName(queue: { readonly brokerName: string; readonly queueId: number }): string {
  return `${queue.brokerName}/${queue.queueId}`;
}
