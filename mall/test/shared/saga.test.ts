/** The fence of a step: duplicates, empty rollbacks, hanging calls, settled or not. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { sql, type Transaction } from 'kysely';
import { ApiError } from '../../src/shared/api-error.ts';
import { type Database, openDatabase } from '../../src/shared/database/database.ts';
import { PgliteEngine } from '../../src/shared/database/pglite-engine.ts';
import {
  doStep,
  SAGA_MIGRATION,
  type SagaStep,
  settleStep,
  undoStep,
} from '../../src/shared/saga.ts';
import { quietLogger } from '../quiet-logger.ts';

type Trx = Transaction<object>;

const step: SagaStep<Trx, { readonly n: number }> = {
  name: 'stock',
  async do(trx, orderId, { n }) {
    if (n < 0) throw new ApiError('OUT_OF_STOCK', 'none left');
    await note(trx, orderId, `do ${n}`);
  },
  undo: (trx, orderId, { n }, settled) => note(trx, orderId, `undo ${n} ${settled}`),
  settle: (trx, orderId, { n }) => note(trx, orderId, `settle ${n}`),
};

async function note(trx: Trx, orderId: string, what: string): Promise<void> {
  await sql`INSERT INTO effect (order_id, what) VALUES (${orderId}, ${what})`.execute(trx);
}

suite('a step of a saga', { timeout: 1_800_000 }, () => {
  let engine: PgliteEngine;
  let database: Database<object>;
  before(async () => {
    engine = await PgliteEngine.open({});
    database = await openDatabase<object>({
      name: 'saga',
      location: { kind: 'engine', engine },
      migrations: [
        SAGA_MIGRATION,
        'CREATE TABLE effect (id SERIAL, order_id TEXT NOT NULL, what TEXT NOT NULL);',
      ],
      logger: quietLogger,
    });
  });
  after(async () => {
    await database.close();
    await engine.close();
  });

  const perform = (orderId: string, n = 1): Promise<boolean> =>
    database.transaction((trx) => doStep(trx, step, { orderId, input: { n }, nowMs: 0 }));
  const undo = (orderId: string): Promise<string> =>
    database.transaction((trx) => undoStep(trx, step, { orderId, nowMs: 0 }));
  const settle = (orderId: string): Promise<boolean> =>
    database.transaction((trx) => settleStep(trx, step, orderId));

  async function effects(orderId: string): Promise<string[]> {
    const { rows } = await sql<{ what: string }>`
      SELECT what FROM effect WHERE order_id = ${orderId} ORDER BY id
    `.execute(database.kysely);
    return rows.map(({ what }) => what);
  }

  test('fifty calls at once have one effect', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => perform('many')));
    assert.equal(outcomes.filter((isFirst) => isFirst).length, 1);
    assert.deepEqual(await effects('many'), ['do 1']);
  });

  test('fifty undos at once have one effect, with what was done', async () => {
    await perform('undone', 7);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => undo('undone')));
    assert.equal(outcomes.filter((outcome) => outcome === 'undone').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'again').length, 49);
    assert.deepEqual(await effects('undone'), ['do 7', 'undo 7 false']);
  });

  test('an undo that comes first does nothing, and the step is refused for good', async () => {
    assert.equal(await undo('empty'), 'empty');
    assert.equal(await undo('empty'), 'again');
    await assert.rejects(perform('empty'), (error) => {
      return error instanceof ApiError && error.code === 'UNDONE';
    });
    assert.deepEqual(await effects('empty'), []);
  });

  test('a step that fails leaves no trace, and may be tried again', async () => {
    await assert.rejects(perform('failing', -1), (error) => {
      return error instanceof ApiError && error.code === 'OUT_OF_STOCK';
    });
    assert.equal(await perform('failing', 2), true);
    assert.deepEqual(await effects('failing'), ['do 2']);
  });

  test('it is settled once, and undone as what it then is', async () => {
    await perform('paid');
    assert.deepEqual(await Promise.all([settle('paid'), settle('paid')]), [true, false]);
    assert.equal(await undo('paid'), 'undone');
    assert.equal(await settle('paid'), false);
    assert.deepEqual(await effects('paid'), ['do 1', 'settle 1', 'undo 1 true']);
  });

  test('what was never done is not settled', async () => {
    assert.equal(await settle('never'), false);
    assert.equal(await undo('never'), 'empty');
    assert.equal(await settle('never'), false);
  });
});
