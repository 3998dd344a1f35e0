import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type SqlDialect,
  SqlStatements,
  sqlIdempotencyStore,
} from '../../src/idempotency/sql-idempotency-store.ts';

test('the statements have the places of their database', () => {
  const count = (dialect: SqlDialect, statement: keyof SqlStatements): number =>
    [...String(new SqlStatements({ dialect })[statement]).matchAll(/\$\d|\?/g)].length;
  for (const dialect of ['postgres', 'mysql', 'sqlite'] as const) {
    assert.equal(count(dialect, 'insert'), 3);
    assert.equal(count(dialect, 'insertDone'), 2);
    assert.equal(count(dialect, 'takeOver'), 4);
    assert.equal(count(dialect, 'look'), 1);
    assert.equal(count(dialect, 'complete'), 3);
    assert.equal(count(dialect, 'release'), 2);
    assert.equal(count(dialect, 'sweep'), 0);
  }
  assert.match(new SqlStatements({ dialect: 'mysql' }).insert, /^INSERT IGNORE INTO skylark_cons/);
  assert.match(
    new SqlStatements({ table: 'app.seen' }).insert,
    /^INSERT INTO app\.seen .* DO NOTH/,
  );
});

test('what could be another statement is no table; long keys are refused', async () => {
  assert.throws(() => new SqlStatements({ table: 'a; DROP TABLE b' }), {
    code: 'INVALID_ARGUMENT',
  });
  const store = sqlIdempotencyStore({ query: () => assert.fail('not asked') });
  await assert.rejects(store.claim('k'.repeat(256), 't', 1), { code: 'INVALID_ARGUMENT' });
});
