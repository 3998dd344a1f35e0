import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  databaseJournal,
  JOURNAL_MIGRATIONS,
  type JournalTables,
} from '../../src/provider/database-journal.ts';
import { type Database, openDatabase } from '../../src/shared/database/database.ts';
import { PgliteEngine } from '../../src/shared/database/pglite-engine.ts';
import { quietLogger } from '../quiet-logger.ts';

suite('journal in a database', { timeout: 1_800_000 }, () => {
  let engine: PgliteEngine;
  before(async () => {
    engine = await PgliteEngine.open({});
  });
  after(() => engine.close());

  const open = (): Promise<Database<JournalTables>> =>
    openDatabase<JournalTables>({
      ...{ name: 'provider', location: { kind: 'engine', engine }, logger: quietLogger },
      migrations: JOURNAL_MIGRATIONS,
    });

  test('lines come back in order, and are written anew at each start', async () => {
    const nothing = (value: unknown): void => assert.fail(`There is ${value}`);
    const first = await databaseJournal(await open())(nothing, () => []);
    await Promise.all([first.append([1]), first.append([2, 3]), first.append([4])]);
    await first.close();
    const loaded: unknown[] = [];
    const second = await databaseJournal(await open())(
      (value) => loaded.push(value),
      () => ['all of it'],
    );
    assert.deepEqual(loaded, [1, 2, 3, 4]);
    await second.append(['more']);
    await second.close();
    const again: unknown[] = [];
    const third = await databaseJournal(await open())(
      (value) => again.push(value),
      () => [],
    );
    assert.deepEqual(again, ['all of it', 'more']);
    await third.close();
  });
});
