/** Orders: placed by a saga over the other services, paid, shipped, cancelled, refunded. */
import { type CreateService, openService } from '../shared/service.ts';
import { consumeForOrders } from './consumers.ts';
import { addOrderRoutes } from './order-routes.ts';
import { addOrderTotals } from './order-totals.ts';
import { OrderWork } from './order-work.ts';
import { CANCEL_CODE_MIGRATION, ORDER_MIGRATION } from './orders.ts';
import { OrderRunner } from './runner.ts';
import { sweepOrders } from './sweep.ts';

const RESUME_MS = 1_000;
const RENEW_MS = 3_000;

export const createOrderService: CreateService = async (deps) => {
  const context = await openService<object>(deps, {
    name: 'order',
    migrations: [ORDER_MIGRATION, CANCEL_CODE_MIGRATION],
  });
  const work = new OrderWork(context);
  const runner = new OrderRunner(context, work);
  addOrderRoutes(context, work, runner);
  addOrderTotals(context);
  consumeForOrders(context, work);
  context.every(RESUME_MS, 'orders to resume', () => runner.resume());
  context.every(RENEW_MS, 'leases of orders', () => runner.renew());
  context.every(deps.settings.sweepMs, 'forgotten orders', () => sweepOrders(context, work));
  context.onStop(() => runner.stop());
  return context.start();
};
