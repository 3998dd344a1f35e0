/** compose.yaml: its commands are right, though no container is started here. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCommandLine } from '../../src/embedded/command-line.ts';
import { SERVICE_NAMES } from '../../src/shared/service.ts';

const compose = readFileSync(join(import.meta.dirname, '../../../compose.yaml'), 'utf8');

/** The flags that all services have, with the default of each variable. */
function sharedFlags(): string[] {
  const lines = [...compose.matchAll(/^ {4}- (--.*)$/gm)].map((match) => match[1] ?? '');
  return lines.map((line) => line.replace(/\$\{\w+:-([^}]*)\}/g, '$1'));
}

test('every service has a container whose flags the command understands', () => {
  for (const name of SERVICE_NAMES) {
    assert.ok(compose.includes(`[--service=${name}]`), `there is no container of ${name}`);
    const parsed = parseCommandLine([...sharedFlags(), `--service=${name}`]);
    assert.deepEqual(parsed?.services, [name]);
    assert.equal(parsed.host, '0.0.0.0');
    assert.match(parsed.database ?? '', /^postgres:/);
  }
});

test('every service knows where the others are', () => {
  const urls = parseCommandLine(sharedFlags())?.urls ?? {};
  const others = SERVICE_NAMES.filter((name) => name !== 'edge');
  assert.deepEqual(Object.keys(urls).sort(), [...others].sort());
});

test('the services may make their topics: they are other machines to the platform', () => {
  assert.match(compose, /start,[^\]]*--admin-from-anywhere,/);
});

test('no secret has a default', () => {
  for (const name of ['MALL_SECRET', 'MALL_PROVIDER_SECRET', 'MALL_STAFF_PASSWORD']) {
    assert.match(compose, new RegExp(`${name}: \\$\\{${name}:\\?`));
  }
});
