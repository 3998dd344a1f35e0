/**
 * One step of a saga at the service that does it, safe against everything that a network does:
 * a row for each order and step is written in the transaction of the effect.
 *
 * - called twice: nothing is done the second time (duplicate);
 * - undone before it was done: the row says so, nothing is undone (empty rollback);
 * - done after it was undone: refused with UNDONE (hanging);
 * - undone twice: the second finds nothing to undo.
 */
import { type QueryExecutorProvider, sql } from 'kysely';
import { ApiError } from './api-error.ts';
import type { StepName } from './messaging/events.ts';

/** What a step does and how that is taken back, in one place. */
export interface SagaStep<Trx, Input> {
  readonly name: StepName;
  do(trx: Trx, orderId: string, input: Input): Promise<void>;
  /** `input` is what was done; `settled`: the order was paid in between. */
  undo(trx: Trx, orderId: string, input: Input, settled: boolean): Promise<void>;
  /** The order is paid. */
  settle(trx: Trx, orderId: string, input: Input): Promise<void>;
}

export const SAGA_MIGRATION = `
  CREATE TABLE saga_step (
    order_id TEXT NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    settled BOOLEAN NOT NULL DEFAULT false,
    input JSONB,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (order_id, step)
  );
`;

export type Undone = 'undone' | 'empty' | 'again';

interface Row<Input> {
  readonly state: string;
  readonly settled: boolean;
  readonly input: Input;
}

/**
 * See the head of this file; throws what the step throws, and then nothing is written. False: it
 * was done before.
 */
export async function doStep<Trx extends QueryExecutorProvider, Input>(
  trx: Trx,
  step: SagaStep<Trx, Input>,
  call: { readonly orderId: string; readonly input: Input; readonly nowMs: number },
): Promise<boolean> {
  const { orderId, input, nowMs } = call;
  const row = { orderId, step: step.name, state: 'done', nowMs, input };
  if (await insertRow(trx, row)) {
    await step.do(trx, orderId, input);
    return true;
  }
  const { rows } = await sql<{ state: string }>`
    SELECT state FROM saga_step WHERE order_id = ${orderId} AND step = ${step.name}
  `.execute(trx);
  if (rows[0]?.state === 'done') return false;
  throw new ApiError('UNDONE', `The step ${step.name} of ${orderId} has been taken back`);
}

export async function undoStep<Trx extends QueryExecutorProvider, Input>(
  trx: Trx,
  step: SagaStep<Trx, Input>,
  call: { readonly orderId: string; readonly nowMs: number },
): Promise<Undone> {
  const { orderId, nowMs } = call;
  const empty = { orderId, step: step.name, state: 'undone', nowMs, input: null };
  if (await insertRow(trx, empty)) return 'empty';
  const { rows } = await sql<Row<Input>>`
    UPDATE saga_step SET state = 'undone', at_ms = ${nowMs}
    WHERE order_id = ${orderId} AND step = ${step.name} AND state = 'done'
    RETURNING state, settled, input
  `.execute(trx);
  const [row] = rows;
  if (row === undefined) return 'again';
  await step.undo(trx, orderId, row.input, row.settled);
  return 'undone';
}

/** True the first time; false when it was settled, taken back, or never done. */
export async function settleStep<Trx extends QueryExecutorProvider, Input>(
  trx: Trx,
  step: SagaStep<Trx, Input>,
  orderId: string,
): Promise<boolean> {
  const { rows } = await sql<Row<Input>>`
    UPDATE saga_step SET settled = true
    WHERE order_id = ${orderId} AND step = ${step.name} AND state = 'done' AND NOT settled
    RETURNING state, settled, input
  `.execute(trx);
  const [row] = rows;
  if (row === undefined) return false;
  await step.settle(trx, orderId, row.input);
  return true;
}

interface NewRow {
  readonly orderId: string;
  readonly step: StepName;
  readonly state: string;
  readonly nowMs: number;
  readonly input: unknown;
}

/** Waits for whoever is writing the same row; false when it is there already. */
async function insertRow(
  trx: QueryExecutorProvider,
  { orderId, step, state, nowMs, input }: NewRow,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO saga_step (order_id, step, state, at_ms, input)
    VALUES (${orderId}, ${step}, ${state}, ${nowMs}, ${JSON.stringify(input)}::jsonb)
    ON CONFLICT (order_id, step) DO NOTHING
  `.execute(trx);
  return numAffectedRows === 1n;
}
