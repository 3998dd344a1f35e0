/** Switches of the control room that are turned stay turned over a restart. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { sql } from 'kysely';
import {
  KeptSwitches,
  SWITCH_MIGRATIONS,
  type SwitchTables,
} from '../../src/control/kept-switches.ts';
import { DATABASE_TEMPLATE, startMall } from '../../src/embedded/start-mall.ts';
import { type Database, openDatabase } from '../../src/shared/database/database.ts';
import { PgliteEngine } from '../../src/shared/database/pglite-engine.ts';
import { ALL_WELL, Faults, switchesSchema } from '../../src/shared/faults.ts';
import { HttpClient } from '../../src/shared/http/http-client.ts';
import { quietLogger } from '../quiet-logger.ts';

suite('kept switches', { timeout: 900_000 }, () => {
  let engine: PgliteEngine;
  before(async () => {
    engine = await PgliteEngine.open({ template: DATABASE_TEMPLATE });
  });
  after(() => engine.close());

  const openNamed = (name: string): Promise<Database<SwitchTables>> =>
    openDatabase<SwitchTables>({
      ...{ name, location: { kind: 'engine', engine }, logger: quietLogger },
      migrations: SWITCH_MIGRATIONS,
    });

  test('a new control service finds them as the one before left them', async () => {
    const start = () =>
      startMall({
        ...{ services: ['control'], database: { kind: 'engine', engine }, logger: quietLogger },
      });
    const client = new HttpClient('mall-internal');
    const ask = (url: string, body?: object) =>
      client.call({
        ...{ url: `${url}/switches`, caller: { userId: 'staff', role: 'staff' } as const },
        ...(body === undefined ? {} : { method: 'PUT' as const, body }),
        ...{ output: switchesSchema, timeoutMs: 60_000 },
      });
    try {
      {
        await using mall = await start();
        assert.deepEqual(await ask(mall.deps.urls.control), ALL_WELL);
        await ask(mall.deps.urls.control, { payment: 'slow', inventoryDown: true });
        await ask(mall.deps.urls.control, { inventoryDown: false, poisonShipping: true });
      }
      await using mall = await start();
      const left = { ...ALL_WELL, payment: 'slow', poisonShipping: true };
      assert.deepEqual(mall.deps.faults.switches, left, 'before anybody asks');
      assert.deepEqual(await ask(mall.deps.urls.control), left);
    } finally {
      client.close();
    }
  });

  test('those that are turned at once are kept as the last one left them', async () => {
    const database = await openNamed('at_once');
    const faults = new Faults();
    const kept = await KeptSwitches.open(database, { faults, logger: quietLogger });
    const modes = ['slow', 'late', 'ok', 'duplicate', 'disorder'] as const;
    await Promise.all(modes.map((payment) => kept.turn({ payment, outboxStopped: undefined })));
    await kept.turn({});
    const again = new Faults();
    await KeptSwitches.open(database, { faults: again, logger: quietLogger });
    assert.deepEqual(again.switches, { ...ALL_WELL, payment: 'disorder' });
    assert.deepEqual(faults.switches, again.switches);
    await database.close();
  });

  test('what cannot be kept is not turned, and the next one is', async () => {
    const database = await openNamed('unkept');
    const faults = new Faults();
    const kept = await KeptSwitches.open(database, { faults, logger: quietLogger });
    await sql`ALTER TABLE switches RENAME TO elsewhere`.execute(database.kysely);
    await assert.rejects(kept.turn({ inventoryDown: true }));
    assert.deepEqual(faults.switches, ALL_WELL);
    await sql`ALTER TABLE elsewhere RENAME TO switches`.execute(database.kysely);
    assert.equal((await kept.turn({ inventoryDown: true })).inventoryDown, true);
    await database.close();
  });

  test('settings of another version are passed over', async () => {
    const database = await openNamed('versions');
    const rows = [
      { name: 'payment', setting: '"by-cheque"' },
      { name: 'goneSwitch', setting: 'true' },
      { name: 'duplicateDelivery', setting: 'true' },
    ];
    await database.kysely.insertInto('switches').values(rows).execute();
    const warnings: string[] = [];
    const faults = new Faults();
    const warn = (_fields: object, text: string): number => warnings.push(text);
    await KeptSwitches.open(database, { faults, logger: { ...quietLogger, warn } });
    assert.deepEqual(faults.switches, { ...ALL_WELL, duplicateDelivery: true });
    assert.equal(warnings.length, 1);
    await database.close();
  });
});
