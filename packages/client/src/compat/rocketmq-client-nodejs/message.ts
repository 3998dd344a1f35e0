import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { OutgoingMessage } from '../../producer/outgoing-message.ts';

/** A message to send. */
export interface MessageOptions {
  topic: string;
  body: Buffer;
  tag?: string;
  /** Messages of one group are delivered in the order in which they are sent. */
  messageGroup?: string;
  keys?: string[];
  properties?: Map<string, string>;
  /** Deliver after so many milliseconds. */
  delay?: number;
  deliveryTimestamp?: Date;
  /** Not available here. */
  priority?: number;
  /** Not available here. */
  liteTopic?: string;
}

/** A message as an object of its own. */
export class Message implements MessageOptions {
  topic: string;
  body: Buffer;
  declare tag?: string;
  declare messageGroup?: string;
  declare keys?: string[];
  declare properties?: Map<string, string>;
  declare delay?: number;
  declare deliveryTimestamp?: Date;
  declare priority?: number;
  declare liteTopic?: string;

  constructor(options: MessageOptions) {
    this.topic = options.topic;
    this.body = options.body;
    Object.assign(this, options);
  }
}

/** Ours. INVALID_ARGUMENT for what contradicts itself, UNSUPPORTED for what is not there. */
export function toOutgoing(message: MessageOptions, inTransaction: boolean): OutgoingMessage {
  const { body, delay, deliveryTimestamp, keys, messageGroup, properties, tag, topic } = message;
  if (message.priority !== undefined || message.liteTopic !== undefined) {
    const what = message.priority === undefined ? 'liteTopic' : 'priority';
    const text = `Messages with ${what} are not available through a name server: leave it out`;
    throw new MqError(MqErrorCode.Unsupported, text);
  }
  const isTimed = delay !== undefined || deliveryTimestamp !== undefined;
  if (isTimed && messageGroup !== undefined) {
    throw invalid('A message with a messageGroup has no delay and no deliveryTimestamp');
  }
  if (inTransaction && (isTimed || messageGroup !== undefined)) {
    throw invalid('A message in a transaction has no messageGroup, delay or deliveryTimestamp');
  }
  return {
    ...{ topic, body },
    ...(tag === undefined ? {} : { tags: tag }),
    ...(keys === undefined ? {} : { keys }),
    ...(properties === undefined ? {} : { properties }),
    ...(messageGroup === undefined ? {} : { shardingKey: messageGroup }),
    ...(deliveryTimestamp === undefined ? {} : { deliverAt: deliveryTimestamp }),
    ...(delay === undefined || deliveryTimestamp !== undefined ? {} : { delayMs: delay }),
  };
}

function invalid(text: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, text);
}
