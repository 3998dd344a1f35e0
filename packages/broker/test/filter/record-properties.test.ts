import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeProperties, encodeRecord, RecordFields } from '@skylarkmq/message';
import fc from 'fast-check';
import { RecordProperties } from '../../src/filter/record-properties.ts';

type Pairs = readonly (readonly [string, string])[];

interface Written {
  readonly buffer: Buffer;
  readonly end: number;
}

function record(properties: Pairs, position: number, queueOffset: number): Written {
  const fields = new RecordFields();
  fields.topic = Buffer.from('topic');
  fields.properties = encodeProperties(properties);
  fields.propertiesEnd = fields.properties.length;
  fields.physicalOffset = position;
  fields.queueOffset = queueOffset;
  fields.bornHost = Buffer.alloc(8);
  fields.storeHost = Buffer.alloc(8);
  const buffer = Buffer.alloc(fields.propertiesEnd + 1024);
  return { buffer, end: encodeRecord(buffer, 0, fields) };
}

test('whatever was read before, a value is that of the record that is loaded', () => {
  const name = fc.constantFrom(...Array.from({ length: 40 }, (_, index) => `p${index}`));
  const value = fc
    .string({ minLength: 1, maxLength: 80, unit: 'grapheme' })
    .filter((text) => !text.includes('\u0001') && !text.includes('\u0002'));
  const records = fc.array(fc.dictionary(name, value, { maxKeys: 20 }), {
    minLength: 1,
    maxLength: 8,
  });
  const looks = fc.array(fc.tuple(fc.nat(7), name), { maxLength: 200 });
  fc.assert(
    fc.property(records, looks, (all, wanted) => {
      const properties = new RecordProperties();
      // Queue offsets that take each other's place: 4096 apart.
      const written = all.map((one, index) =>
        record(Object.entries(one), index * 4096, (index % 3) * 4096 + Math.floor(index / 3)),
      );
      for (const [index, asked] of wanted) {
        const { buffer, end } = written[index % written.length] ?? {
          buffer: Buffer.alloc(0),
          end: 0,
        };
        properties.load(buffer, 0, end);
        const expected = all[index % all.length]?.[asked] ?? null;
        assert.equal(properties.variable(asked).value, expected);
      }
    }),
  );
});

test('another record at the same place of the log is another record', () => {
  const properties = new RecordProperties();
  const price = properties.variable('price');
  for (const value of ['1', '22', '1']) {
    const { buffer, end } = record([['price', value]], 1000, 5);
    for (let times = 0; times < 3; times += 1) {
      properties.load(Buffer.from(buffer), 0, end);
      assert.equal(price.value, value);
    }
  }
});
