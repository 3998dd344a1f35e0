import type { OutgoingMessage } from '@skylarkmq/client';

/** What a message has besides its topic, its body and its tag, which the pattern names. */
export type RocketMqRecordFields = Omit<OutgoingMessage, 'topic' | 'body' | 'tags'>;

/** Data with more: keys, properties, a sharding key, a delay. Hand it to `emit` or `send`. */
export class RocketMqRecord<Data = unknown> {
  readonly data: Data;
  readonly fields: RocketMqRecordFields;

  constructor(data: Data, fields: RocketMqRecordFields = {}) {
    this.data = data;
    this.fields = fields;
  }
}
