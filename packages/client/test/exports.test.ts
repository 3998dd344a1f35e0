/**
 * The names that users import: a change here is a change of the published interface. When it is
 * meant, UPDATE_SNAPSHOTS=true writes the lists anew.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import * as client from '@skylarkmq/client';
import * as wire from '@skylarkmq/wire';

const EXPORTS = new Map<string, object>([
  ['client', client],
  ['wire', wire],
]);

for (const [name, values] of EXPORTS) {
  test(`@skylarkmq/${name} exports what its snapshot says`, () => {
    const index = readFileSync(new URL(`../../${name}/src/index.ts`, import.meta.url), 'utf8');
    const names = exportedNames(index);
    const file = new URL(`./snapshot/${name}-exports.txt`, import.meta.url);
    if (process.env['UPDATE_SNAPSHOTS'] === 'true') writeFileSync(file, `${names.join('\n')}\n`);
    const wanted = readFileSync(file, 'utf8').trim().split('\n');
    assert.deepEqual(names, wanted, 'The exports changed: see the head of this file');
    const types = names.filter((one) => one.startsWith('type '));
    const runtime = names.filter((one) => !types.includes(one));
    assert.deepEqual(Object.keys(values).sort(), runtime.sort());
  });
}

/** Every name in the export lists of an index, sorted; types are marked. */
function exportedNames(text: string): string[] {
  const names = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, type, list]) =>
    (list ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map((item) => (type === undefined || item.startsWith('type ') ? item : `type ${item}`)),
  );
  return names.map((item) => item.replace(/^(type )?.* as /, '$1')).sort();
}
