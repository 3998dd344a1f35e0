/** Generators for property tests. */
import {
  encodeHost,
  encodeProperties,
  type MessageQueue,
  PropertyName,
  RecordFields,
} from '@skylarkmq/message';
import fc from 'fast-check';

/** Names of topics and groups that are valid. */
export const topicName: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...'abcXYZ019%|_-'),
  minLength: 1,
  maxLength: 127,
});

/** Text without the two characters that separate properties, not empty. */
export const propertyText: fc.Arbitrary<string> = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 24 })
  .map((text) => text.replaceAll('\u0001', '.').replaceAll('\u0002', '.'));

/** Properties, with well-known names more often than others. */
export const propertyMap: fc.Arbitrary<Map<string, string>> = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...Object.values(PropertyName)), propertyText),
      fc.oneof(propertyText, fc.nat().map(String)),
    ),
    { maxLength: 12 },
  )
  .map((pairs) => new Map(pairs));

export const bodyBytes: fc.Arbitrary<Buffer> = fc
  .uint8Array({ maxLength: 2048 })
  .map((bytes) => Buffer.from(bytes));

/** "ip:port", both families. */
export const hostText: fc.Arbitrary<string> = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 65535 }))
  .map(([ip, port]) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`));

export const messageQueue: fc.Arbitrary<MessageQueue> = fc.record({
  topic: topicName,
  brokerName: topicName,
  queueId: fc.nat({ max: 16 }),
});

const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const exact = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

/** A record's fields, ready to be encoded; the v6 bits of sysFlag fit the hosts. */
export const recordFields: fc.Arbitrary<RecordFields> = fc
  .record({
    queueId: int32,
    flag: int32,
    queueOffset: exact,
    physicalOffset: exact,
    sysFlag: fc.constantFrom(0, 1, 4, 8, 12, 0x301),
    bornTimestamp: exact,
    bornHost: hostText.map(encodeHost),
    storeTimestamp: exact,
    storeHost: hostText.map(encodeHost),
    reconsumeTimes: int32,
    preparedTransactionOffset: exact,
    body: bodyBytes,
    topic: topicName.map((topic) => Buffer.from(topic)),
    v2: fc.boolean(),
    properties: propertyMap.map((map) => {
      map.delete(PropertyName.Crc32);
      return encodeProperties(map);
    }),
    propertyCrc: fc.boolean(),
  })
  .map((values) => {
    const fields = Object.assign(new RecordFields(), values);
    if (fields.bornHost.length > 8) fields.sysFlag |= 0x10;
    if (fields.storeHost.length > 8) fields.sysFlag |= 0x20;
    fields.bodyEnd = fields.body.length;
    fields.propertiesEnd = fields.properties.length;
    return fields;
  });
