/**
 * The control room: switches for what goes wrong, load, charts, a flash sale, dead letters, and the
 * books of all services compared.
 */
import { PushConsumer } from '@skylarkmq/client';
import { z } from 'zod';
import { ApiError, messageOf } from '../shared/api-error.ts';
import { switchesSchema } from '../shared/faults.ts';
import { nothing } from '../shared/http/http-server.ts';
import type { RunningConsumer } from '../shared/messaging/consumer.ts';
import { orderStatus } from '../shared/messaging/events.ts';
import { type CreateService, openService, type ServiceContext } from '../shared/service.ts';
import { Buyers } from './buyers.ts';
import { DeadLetterDesk } from './dead-letter-desk.ts';
import { BUYERS_MAX, FlashSale } from './flash-sale.ts';
import { LagMeter } from './group-lag.ts';
import { Invariants } from './invariants.ts';
import { KeptSwitches, SWITCH_MIGRATIONS, type SwitchTables } from './kept-switches.ts';
import { LoadGenerator } from './load-generator.ts';
import { OrderEvents } from './order-events.ts';
import { OrderMetrics } from './order-metrics.ts';
import { RATE_MAX } from './pace.ts';

type Context = ServiceContext<SwitchTables>;

const POINTS_DEFAULT = 120;
const POINTS_MAX = 300;
const GROUP = 'mall-control';

export const createControlService: CreateService = async (deps) => {
  const context = await openService<SwitchTables>(deps, {
    ...{ name: 'control', migrations: SWITCH_MIGRATIONS },
  });
  const switches = await KeptSwitches.open(context.database, deps);
  const metrics = new OrderMetrics();
  const events = new OrderEvents();
  const buyers = new Buyers(context);
  context.own(() => watchOrders(context, metrics, events));
  addSwitches(context, switches);
  addBroker(context);
  addLoad(context, buyers, events);
  addMetrics(context, buyers, metrics);
  addDeadLetters(context);
  addInvariants(context);
  return context.start();
};

/** Hears of every order from now on; counted twice is better than a database for a chart. */
async function watchOrders(
  { deps }: Context,
  metrics: OrderMetrics,
  events: OrderEvents,
): Promise<RunningConsumer> {
  const { logger, namesrv } = deps;
  const consumer = new PushConsumer({
    ...{ namesrv, group: GROUP, subscriptions: orderStatus.name, logger },
    consumeFrom: 'last',
  });
  await consumer.start();
  const running = consumer.run(
    orderStatus.handler(
      (event) => {
        metrics.record(event);
        events.record(event);
      },
      { onInvalid: 'ignore' },
    ),
  );
  return {
    group: GROUP,
    close: async () => {
      await consumer.close();
      await running;
    },
  };
}

function addSwitches({ deps, http }: Context, kept: KeptSwitches): void {
  const { faults } = deps;
  const read = async (): Promise<object> => faults.switches;
  http.route(
    {
      ...{ method: 'GET', url: '/switches', access: 'staff', input: nothing },
      ...{ summary: 'What goes wrong on purpose', output: switchesSchema },
    },
    read,
  );
  http.route(
    {
      ...{ method: 'GET', url: '/internal/switches', access: 'internal', input: nothing },
      summary: 'The same, for services in processes of their own',
    },
    read,
  );
  http.route(
    {
      ...{ method: 'PUT', url: '/switches', access: 'staff' },
      input: z.object({ body: switchesSchema.partial().strict() }),
      ...{ summary: 'Turns some of the switches', output: switchesSchema },
    },
    ({ body }) => kept.turn(body),
  );
}

function addBroker({ deps, http }: Context): void {
  http.route(
    {
      ...{ method: 'POST', url: '/broker/restart', access: 'staff' },
      input: z.object({ body: z.object({ kill: z.boolean().default(true) }).optional() }),
      summary: 'Kills the broker and starts it again, where it runs in this process',
    },
    async ({ body }) => {
      const { restartBroker } = deps;
      if (restartBroker === undefined) {
        throw new ApiError('CONFLICT', 'The broker runs elsewhere: restart it there');
      }
      await restartBroker(body?.kill ?? true);
      return { restarted: true };
    },
  );
}

function addLoad(context: Context, buyers: Buyers, events: OrderEvents): void {
  const { deps, http } = context;
  const { clock, logger } = deps;
  const load = new LoadGenerator({ buyers, events, clock, random: Math.random });
  const sale = new FlashSale({ buyers, events, clock, logger });
  context.onStop(async () => {
    load.set(0);
    events.close();
    await load.stop();
    await sale.over();
  });
  http.route(
    {
      ...{ method: 'GET', url: '/load', access: 'staff', input: nothing },
      summary: 'What the load generator does',
    },
    async () => load.counts,
  );
  http.route(
    {
      ...{ method: 'PUT', url: '/load', access: 'staff', summary: 'Orders a second; 0: none' },
      input: z.object({ body: z.object({ ratePerSecond: z.number().min(0).max(RATE_MAX) }) }),
    },
    async ({ body }) => {
      load.set(body.ratePerSecond);
      return load.counts;
    },
  );
  http.route(
    {
      ...{ method: 'GET', url: '/flash-sale', access: 'staff', input: nothing },
      summary: 'How the last flash sale stands',
    },
    async () => sale.report,
  );
  const count = z.number().int().min(1).max(BUYERS_MAX);
  http.route(
    {
      ...{ method: 'POST', url: '/flash-sale/start', access: 'staff', status: 202 },
      input: z.object({ body: z.object({ buyers: count, pieces: count }) }),
      summary: 'So many buyers at once for so few pieces',
    },
    async ({ body }) => sale.start(body.buyers, body.pieces),
  );
}

function addMetrics(context: Context, buyers: Buyers, metrics: OrderMetrics): void {
  const { deps, http } = context;
  const lag = new LagMeter(deps.namesrv, deps.clock);
  context.onStop(() => lag[Symbol.asyncDispose]());
  const conflicts = async (): Promise<number | null> => {
    try {
      return (await buyers.stock()).conflicts;
    } catch (error) {
      deps.logger.debug({ error: messageOf(error) }, 'The inventory does not answer');
      return null;
    }
  };
  const seconds = z.coerce.number().int().min(1).max(POINTS_MAX).default(POINTS_DEFAULT);
  http.route(
    {
      ...{ method: 'GET', url: '/metrics', access: 'staff' },
      input: z.object({ query: z.object({ seconds }) }),
      summary: 'Orders by the second, click to confirmed, what waits for whom, conflicts',
    },
    async ({ query }) => ({
      points: metrics.points(deps.clock.nowMs(), query.seconds),
      totals: metrics.totals,
      lag: await lag.measure(),
      conflicts: await conflicts(),
    }),
  );
}

function addDeadLetters(context: Context): void {
  const { deps, http } = context;
  const desk = new DeadLetterDesk(deps.namesrv);
  context.onStop(() => desk[Symbol.asyncDispose]());
  http.route(
    {
      ...{ method: 'GET', url: '/dead-letters', access: 'staff', input: nothing },
      summary: 'Messages that consumers gave up',
    },
    async () => ({ deadLetters: await desk.list() }),
  );
  http.route(
    {
      ...{ method: 'POST', url: '/dead-letters/:id/resend', access: 'staff' },
      input: z.object({ params: z.object({ id: z.string().max(300) }) }),
      summary: 'Sends one of them again',
    },
    async ({ params }) => {
      await desk.resend(params.id);
      return { resent: true };
    },
  );
}

function addInvariants({ client, deps, http }: Context): void {
  const invariants = new Invariants({ client, deps });
  http.route(
    {
      ...{ method: 'GET', url: '/invariants', access: 'staff', input: nothing },
      summary: 'What must always hold, computed from the books of all services',
    },
    async () => ({ invariants: await invariants.check() }),
  );
}
