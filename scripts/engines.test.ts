/** Every package that `npm ci` installs says that it runs on the oldest Node that we promise. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const OLDEST = '20.19.0';

type Version = readonly [number, number, number];

/** `1`, `1.2` or `1.2.3`; undefined where it says nothing: `*`, `x`. */
function parse(text: string): Version | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
}

function compare(left: Version, right: Version): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

/** One of `>=18`, `^20.19.0`, `<23`, `20`. */
function fits(version: Version, comparator: string): boolean {
  const [, operator = '', rest = ''] = /^(>=|<=|>|<|\^|~|=)?(.*)$/.exec(comparator) ?? [];
  const wanted = parse(rest);
  if (wanted === undefined) return true;
  const order = compare(version, wanted);
  if (operator === '>=') return order >= 0;
  if (operator === '<=') return order <= 0;
  if (operator === '>') return order > 0;
  if (operator === '<') return order < 0;
  if (operator === '~') return order >= 0 && version[0] === wanted[0] && version[1] === wanted[1];
  return order >= 0 && version[0] === wanted[0];
}

function satisfies(version: Version, range: string): boolean {
  return range.split('||').some((part) => {
    const comparators = part
      .trim()
      .replace(/([<>=^~])\s+/g, '$1')
      .split(/\s+/);
    return comparators.every((one) => fits(version, one));
  });
}

function enginesOf(entry: unknown): string | undefined {
  const engines: unknown = Reflect.get(Object(entry), 'engines');
  const node: unknown = Reflect.get(Object(engines), 'node');
  return typeof node === 'string' ? node : undefined;
}

test('ranges are read as npm reads them', () => {
  const node: Version = [20, 19, 0];
  for (const range of ['>=18', '^20.19.0 || >=22.12.0', '18 || 20 || >=22', '>= 0.8', '*', '<23']) {
    assert.ok(satisfies(node, range), range);
  }
  for (const range of ['>=22', '^18 || >=22', '>=20.20', '18', '>=10 <20', '~20.18.0']) {
    assert.ok(!satisfies(node, range), range);
  }
});

test(`every package of the lock file runs on Node ${OLDEST}`, () => {
  const oldest = parse(OLDEST);
  assert.ok(oldest !== undefined);
  const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
  const packages: unknown = Reflect.get(Object(JSON.parse(text)), 'packages');
  const entries = Object.entries(Object(packages));
  assert.ok(entries.length > 100);
  const wrong = entries.flatMap(([path, entry]) => {
    const range = enginesOf(entry);
    return range === undefined || satisfies(oldest, range) ? [] : [`${path} needs Node ${range}`];
  });
  assert.deepEqual(wrong, [], 'Pin an older version, or override it in package.json');
});
