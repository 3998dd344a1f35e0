/**
 * Orders of the mall: how many a second, how long from the click to the confirmation, and what the
 * processor does meanwhile. All services in this process, beside the platform.
 */
import { randomUUID } from 'node:crypto';
import { Session } from 'node:inspector/promises';
import { parseArgs } from 'node:util';
import { PushConsumer } from '@skylarkmq/client';
import { freePort } from '../conformance/servers/ports.ts';
import { startMall } from '../mall/src/embedded/start-mall.ts';
import type { DatabaseLocation } from '../mall/src/shared/database/location.ts';
import { orderStatus } from '../mall/src/shared/messaging/events.ts';
import { Crowd } from '../mall/test/crowd.ts';
import { quietLogger } from '../mall/test/quiet-logger.ts';
import { startPostgres } from './servers.ts';

const HELP = `Usage: npx tsx bench/mall.ts [options]

  --database NAME   shared (one PGlite, default), memory (a PGlite for each service), postgres
  --orders N        orders to place (default: 500)
  --at-once N       customers at a time (default: 32)
  --profile         say what the processor did, by part
  --help            this text`;

const MUG = { productId: 'kit-mug-01', quantity: 1, priceCents: 4_900 };
const WARM_UP = 50;
const STEP_TIMEOUT_MS = 60_000;
/** How an order's placing may end. */
const ENDS = ['confirmed', 'confirmation-failed'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      database: { type: 'string', default: 'shared' },
      orders: { type: 'string', default: '500' },
      'at-once': { type: 'string', default: '32' },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const closers: (() => Promise<void> | void)[] = [];
  try {
    const database = await databaseOf(values.database, closers);
    await using mall = await startMall({
      ...(database === undefined ? {} : { database }),
      settings: { stepTimeoutMs: STEP_TIMEOUT_MS },
      logger: quietLogger,
    });
    await mall.ready();
    const crowd = new Crowd(mall.deps.urls);
    const atOnce = Number(values['at-once']);
    const ends = await Ends.listen(mall.deps.namesrv);
    await place(crowd, ends, { orders: WARM_UP, atOnce });
    const stop = values.profile ? await profile() : undefined;
    const orders = Number(values.orders);
    const result = await place(crowd, ends, { orders, atOnce });
    console.log(`${values.database}, ${orders} orders, ${atOnce} at once: ${result}`);
    await stop?.();
    crowd.close();
    await ends.close();
  } finally {
    for (const close of closers) await close();
  }
}

async function databaseOf(
  name: string,
  closers: (() => Promise<void> | void)[],
): Promise<DatabaseLocation | undefined> {
  if (name === 'shared') return undefined;
  if (name === 'memory') return { kind: 'memory' };
  if (name !== 'postgres') throw new Error(`--database ${name}: shared, memory or postgres`);
  const server = await startPostgres(await freePort(), 'sync');
  closers.push(() => server.stop());
  return { kind: 'postgres', url: server.address };
}

interface Load {
  readonly orders: number;
  readonly atOnce: number;
}

/** Each customer waits for the confirmation of an order before the next click. */
async function place(crowd: Crowd, ends: Ends, { orders, atOnce }: Load): Promise<string> {
  const users = await crowd.users(orders);
  const waits: number[] = [];
  const cpu = process.cpuUsage();
  const began = performance.now();
  let next = 0;
  const customers = Array.from({ length: atOnce }, async () => {
    for (;;) {
      const user = users[next++];
      if (user === undefined) return;
      const clickMs = performance.now();
      const wish = { items: [MUG], useBalanceCents: 1_000, requestId: randomUUID() };
      const id = await crowd.order(user, wish);
      if ((await ends.of(id)) === 'confirmed') waits.push(performance.now() - clickMs);
    }
  });
  await Promise.all(customers);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  waits.sort((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(waits[Math.floor((waits.length - 1) * part)] ?? 0);
  return [
    `${(orders / seconds).toFixed(1)} orders/s`,
    `click to confirmed p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
    `${((user + system) / 1_000 / orders).toFixed(1)} ms of the processor each`,
    `${waits.length} confirmed`,
  ].join(', ');
}

/** Hears from the timelines how the placing of orders ended. */
class Ends {
  readonly #ended = new Map<string, string>();
  readonly #waiting = new Map<string, (end: string) => void>();
  readonly #consumer: PushConsumer;

  private constructor(consumer: PushConsumer) {
    this.#consumer = consumer;
  }

  static async listen(namesrv: string): Promise<Ends> {
    const consumer = new PushConsumer({
      ...{ namesrv, group: 'mall-bench', consumeFrom: 'first' },
      subscriptions: [{ topic: orderStatus.name, tags: ENDS }],
    });
    await consumer.start();
    const ends = new Ends(consumer);
    const running = consumer.run(
      orderStatus.handler(({ orderId, type }) => {
        ends.#ended.set(orderId, type);
        ends.#waiting.get(orderId)?.(type);
      }),
    );
    running.catch((error: unknown) => console.error(error));
    return ends;
  }

  of(orderId: string): Promise<string> {
    const ended = this.#ended.get(orderId);
    if (ended !== undefined) return Promise.resolve(ended);
    return new Promise((resolve) => this.#waiting.set(orderId, resolve));
  }

  close(): Promise<void> {
    return this.#consumer.close();
  }
}

/** Starts a profile; what is returned ends it and prints the parts. */
async function profile(): Promise<() => Promise<void>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return async () => {
    const { profile: taken } = await session.post('Profiler.stop');
    session.disconnect();
    const nodes = new Map(taken.nodes.map((node) => [node.id, node]));
    const parts = new Map<string, number>();
    let total = 0;
    for (const [index, id] of (taken.samples ?? []).entries()) {
      const frame = nodes.get(id)?.callFrame;
      if (frame === undefined || frame.functionName === '(idle)') continue;
      const tookUs = taken.timeDeltas?.[index] ?? 0;
      const part = partOf(frame.url, frame.functionName);
      parts.set(part, (parts.get(part) ?? 0) + tookUs);
      total += tookUs;
    }
    const rows = [...parts].sort(([, a], [, b]) => b - a).slice(0, 12);
    for (const [part, tookUs] of rows) {
      console.log(`${((100 * tookUs) / total).toFixed(1).padStart(5)} %  ${part}`);
    }
  };
}

function partOf(url: string, functionName: string): string {
  if (url.startsWith('wasm')) return 'PGlite: PostgreSQL itself';
  if (url.includes('/pglite/')) return 'PGlite: around it';
  const module = /node_modules\/((?:@[\w-]+\/)?[\w.-]+)/.exec(url)?.[1];
  if (module !== undefined && !module.startsWith('@skylarkmq/')) return module;
  if (/\/packages\//.test(url)) return 'the platform and the SDK';
  if (/\/mall\//.test(url)) return 'the mall itself';
  if (url.startsWith('node:')) return 'Node: HTTP, sockets, promises';
  return functionName === '(garbage collector)' ? 'garbage collection' : 'the engine';
}

await main();
