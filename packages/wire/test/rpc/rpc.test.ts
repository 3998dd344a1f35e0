/**
 * Every request code that this package describes, found by looking at what it exports: fields go
 * to the wire and come back the same, in both forms; a missing mandatory field is named.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as wire from '../../src/index.ts';
import { passOn } from '../frame.ts';

type Values = Record<string, unknown>;

interface AnyHeader {
  encode(values: Values): Map<string, string>;
  decode(ext: ReadonlyMap<string, string>): Values;
}

interface Described {
  readonly name: string;
  readonly code: number;
  readonly header: AnyHeader;
}

function isHeader(value: unknown): value is AnyHeader {
  return typeof value === 'object' && value !== null && 'encode' in value && 'decode' in value;
}

const described: Described[] = [];
for (const [name, value] of Object.entries<unknown>({ ...wire })) {
  if (typeof value !== 'object' || value === null || !('code' in value)) continue;
  const { code } = value;
  for (const [part, header] of Object.entries(value)) {
    if (typeof code !== 'number' || !isHeader(header)) continue;
    described.push({ name: `${name}.${part}`, code, header });
  }
}

/** Answers for every field that a decoder asks for, and remembers which. */
class Questioner extends Map<string, string> {
  readonly asked: string[] = [];

  override get(name: string): string {
    this.asked.push(name);
    return '1';
  }
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });

/** Values of the type that the field had when its text was "1". */
function valuesLike(sample: unknown): fc.Arbitrary<unknown> {
  if (typeof sample === 'number') return fc.maxSafeInteger();
  return typeof sample === 'boolean' ? fc.boolean() : text;
}

function fieldsOf(header: AnyHeader): { names: readonly string[]; samples: Values } {
  const questioner = new Questioner();
  const samples = header.decode(questioner);
  return { names: questioner.asked, samples };
}

/** Whether a header without this field is refused. */
function isMandatory(header: AnyHeader, names: readonly string[], name: string): boolean {
  const ext = new Map(names.filter((one) => one !== name).map((one) => [one, '1']));
  try {
    header.decode(ext);
    return false;
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error);
    assert.equal(error.code, 'INVALID_ARGUMENT');
    assert.ok(error.message.includes(name), error.message);
    return true;
  }
}

test('the request codes that official clients use are described', () => {
  const codes = new Set(described.map(({ code }) => code));
  const used = [10, 11, 12, 14, 15, 17, 29, 30, 31, 32, 33, 35, 36, 38, 40, 100, 101, 102, 103];
  for (const code of [...used, 104, 105, 205, 216, 219, 224, 322, 327, 901, 904]) {
    assert.ok(codes.has(code), `request code ${code}`);
  }
});

for (const { name, header } of described) {
  const { names, samples } = fieldsOf(header);
  if (names.length === 0) continue;
  const mandatory = names.filter((one) => isMandatory(header, names, one));
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const one of names) model[one] = valuesLike(samples[one]);

  test(`${name}: ${names.join(', ')}`, () => {
    fc.assert(
      fc.property(fc.record(model, { noNullPrototype: true }), (values) => {
        const ext = header.encode(values);
        assert.deepEqual(header.decode(ext), values);
        for (const form of [wire.Serialization.Json, wire.Serialization.Binary]) {
          const command = passOn({ code: 1, ext }, form);
          assert.deepEqual(header.decode(command.ext), values);
        }
      }),
      { numRuns: 40 },
    );
    const least = new Map(mandatory.map((one) => [one, '1']));
    assert.ok(header.decode(least), 'the mandatory fields suffice');
    for (const one of names) {
      if (typeof samples[one] !== 'number') continue;
      for (const bad of ['', ' 1', '1.0', '1e3', 'x', '0x10', '1'.repeat(30)]) {
        const ext = new Map([...least, [one, bad]]);
        assert.throws(() => header.decode(ext), { code: 'INVALID_ARGUMENT' }, `${one}=${bad}`);
      }
    }
  });
}
