import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@skylarkmq/base';
import { encodeProperties, encodeRecord, RecordFields } from '@skylarkmq/message';
import type { ConsumerFilter } from '../../src/filter/consumer-filters.ts';
import { MessageFilters } from '../../src/filter/message-filters.ts';

const BORN_MS = 1000;

function record(properties: Readonly<Record<string, string>>): Buffer {
  const fields = new RecordFields();
  fields.topic = Buffer.from('%RETRY%G');
  fields.properties = encodeProperties(Object.entries(properties));
  fields.propertiesEnd = fields.properties.length;
  fields.bornHost = Buffer.alloc(8);
  fields.storeHost = Buffer.alloc(8);
  const buffer = Buffer.alloc(1024);
  return buffer.subarray(0, encodeRecord(buffer, 0, fields));
}

/** The group G wants this of the topic T. */
function filtersFor(expression: string): MessageFilters {
  const filter: ConsumerFilter = {
    ...{ topic: 'T', consumerGroup: 'G', expression, expressionType: 'SQL92' },
    ...{ bornTime: BORN_MS, clientVersion: 1, deadTime: 0 },
    bloomFilterData: { bitNum: 8, bitPos: [1, 6] },
  };
  const find = (topic: string, group: string): ConsumerFilter | undefined =>
    topic === 'T' && group === 'G' ? filter : undefined;
  return new MessageFilters({ logger: silentLogger, consumerFilters: { find } });
}

test('what is tried again must match what the group wants of the topic that it left', () => {
  const { byConsumeQueue, byRecord } = filtersFor('price > 5').ofRetries('G');
  assert.equal(byConsumeQueue, null);
  const passes = (properties: Readonly<Record<string, string>>): boolean | undefined => {
    const bytes = record(properties);
    return byRecord?.(bytes, 0, bytes.length);
  };
  assert.equal(passes({ RETRY_TOPIC: 'T', price: '6' }), true);
  assert.equal(passes({ RETRY_TOPIC: 'T', price: '5' }), false);
  assert.equal(passes({ RETRY_TOPIC: 'T' }), false);
  assert.equal(passes({ RETRY_TOPIC: 'other', price: '5' }), true, 'nobody filters that topic');
  assert.equal(passes({ price: '5' }), true, 'it left no topic');
});

test('the bits of a queue decide about messages that are younger than the expression', () => {
  const filters = filtersFor('price > 5');
  const subscription = { topic: 'T', subString: 'price > 5', expressionType: 'SQL92' };
  const more = { tagsSet: [], codeSet: [], subVersion: 1, classFilterMode: false };
  const byConsumeQueue = filters.of({ ...subscription, ...more }, 'G')?.byConsumeQueue;
  const asked = (storeTimestamp: number, ...bytes: number[]): boolean | undefined =>
    byConsumeQueue?.(0, { tagsCode: 0, storeTimestamp, bitMap: Uint8Array.from(bytes) });
  assert.equal(asked(BORN_MS + 1, 0b0100_0010), true);
  assert.equal(asked(BORN_MS + 1, 0b0100_0000), false);
  assert.equal(asked(BORN_MS, 0), true, 'older than the expression');
  assert.equal(asked(BORN_MS + 1), true, 'nobody looked');
  assert.equal(asked(BORN_MS + 1, 0, 0), true, 'made for other settings');
  assert.equal(byConsumeQueue?.(0), true, 'the queue has no extension');
});
