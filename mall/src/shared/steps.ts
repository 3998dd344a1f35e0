/** What the services that do a step of the order saga have in common: routes and consumers. */
import type { Transaction } from 'kysely';
import { z } from 'zod';
import { orderRollback, type PaymentEvent, payment } from './messaging/events.ts';
import { doStep, type SagaStep, settleStep, undoStep } from './saga.ts';
import type { ServiceContext } from './service.ts';

export interface StepService<Tables, Input> {
  readonly context: ServiceContext<Tables>;
  readonly input: z.ZodType<Input>;
  /** For undo and settle. */
  readonly step: () => SagaStep<Transaction<Tables>, Input>;
  /** Does it: by default once, in a transaction of its own. */
  readonly perform?: (
    work: (step: SagaStep<Transaction<Tables>, Input>) => Promise<boolean>,
    input: Input,
  ) => Promise<boolean>;
  /** Checked before anything is done or undone; throws when the service is "down". */
  readonly expectUp?: () => void;
  /** In the transaction that settles the step. */
  readonly settled?: (trx: Transaction<Tables>, event: PaymentEvent) => Promise<void>;
}

/** Call it once for a service; the step is called over HTTP, undone and settled by messages. */
export function serveStep<Tables, Input extends object>(service: StepService<Tables, Input>): void {
  serveDo(service);
  consumeRollbacks(service);
  consumePayments(service);
}

function serveDo<Tables, Input extends object>(service: StepService<Tables, Input>): void {
  const { context, input, step } = service;
  const { clock } = context.deps;
  const { name } = step();
  context.http.route(
    {
      method: 'POST',
      url: `/internal/steps/${name}/do`,
      access: 'internal',
      summary: `Does the step ${name} of an order; again: the same answer`,
      input: z.object({ body: z.object({ orderId: z.string(), input }) }),
    },
    async ({ body }) => {
      service.expectUp?.();
      const { orderId } = body;
      const work = (one: SagaStep<Transaction<Tables>, Input>): Promise<boolean> =>
        context.database.transaction((trx) =>
          doStep(trx, one, { orderId, input: body.input, nowMs: clock.nowMs() }),
        );
      const isFirst = await (service.perform?.(work, body.input) ?? work(step()));
      return { isDuplicate: !isFirst };
    },
  );
}

function consumeRollbacks<Tables, Input>(service: StepService<Tables, Input>): void {
  const { context, step } = service;
  const { clock } = context.deps;
  context.consume({
    group: `mall-${context.name}-rollback`,
    topic: orderRollback,
    async handle({ orderId, userId, steps }, trx, message) {
      const one = step();
      if (!steps.includes(one.name)) return;
      service.expectUp?.();
      const outcome = await undoStep(trx, one, { orderId, nowMs: clock.nowMs() });
      await context.timeline.add(trx, {
        ...{ orderId, userId, type: 'rolled-back', step: one.name, detail: outcome },
        attempt: message.reconsumeTimes + 1,
      });
    },
    committed: () => context.outbox.flush(),
  });
}

function consumePayments<Tables, Input>(service: StepService<Tables, Input>): void {
  const { context, step } = service;
  context.consume({
    group: `mall-${context.name}-payment`,
    topic: payment,
    filter: { tags: ['paid', 'refunded'] },
    async handle(event, trx) {
      service.expectUp?.();
      // What is refunded is taken back by a rollback, which says so itself.
      if (event.type === 'paid') await settleStep(trx, step(), event.orderId);
      await service.settled?.(trx, event);
    },
    committed: () => context.outbox.flush(),
  });
}
