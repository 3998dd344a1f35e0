/** docs/compatibility.md lists what there is: every scenario in one kind, every kind a row. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { allScenarios } from '../sdk/all-scenarios.ts';
import { scenarioNames } from '../servers/official-client.ts';
import { skipWithout } from '../servers/toolchain.ts';
import { type Client, KINDS } from './kinds.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/compatibility.md'), 'utf8');

/** Run only by tests that set the broker for them, and not listed by the clients. */
const BY_NAME = {
  java: ['transaction-check', 'transaction-undecided', 'transaction-another'],
  go: ['transaction-check', 'request-reply'],
} as const;

function listed(client: Client): string[] {
  return KINDS.flatMap((kind) => kind.scenarios[client] ?? []).sort();
}

suite('kinds of messages', () => {
  test('each scenario of the SDK has one kind', () => {
    assert.deepEqual(listed('sdk'), allScenarios.map(({ name }) => name).sort());
  });

  test('each scenario of Java has one kind', { skip: skipWithout('java', 'mvn') }, async () => {
    // The newest client has all of them.
    assert.deepEqual(listed('java'), [...(await scenarioNames('5.5.0')), ...BY_NAME.java].sort());
  });

  test('each scenario of Go has one kind', { skip: skipWithout('go') }, async () => {
    assert.deepEqual(listed('go'), [...(await scenarioNames('go')), ...BY_NAME.go].sort());
  });

  test('docs/compatibility.md has a row for each, and nothing failed', () => {
    const rows = PAGE.split('\n').filter((line) => /^\| (?!kind|---)/.test(line));
    assert.deepEqual(
      rows.map((row) => row.split('|')[1]?.trim()),
      KINDS.map((kind) => kind.title),
    );
    assert.doesNotMatch(PAGE, /FAIL/);
  });
});
