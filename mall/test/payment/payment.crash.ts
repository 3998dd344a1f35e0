/**
 * The payment service is killed between its commit and the word to the broker, and at any other
 * moment: everybody hears of each payment, and each has one effect.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createPrng, randomSeed } from '@skylarkmq/base';
import { type Skylark, startSkylark } from '@skylarkmq/testing';
import { sql } from 'kysely';
import { z } from 'zod';
import { freePort } from '../../../conformance/servers/ports.ts';
import { type Mall, startMall } from '../../src/embedded/start-mall.ts';
import { messageOf } from '../../src/shared/api-error.ts';
import { HttpClient } from '../../src/shared/http/http-client.ts';
import { payment } from '../../src/shared/messaging/events.ts';
import { TOPIC } from '../../src/shared/messaging/topics.ts';
import { openService, type ServiceContext, type ServiceDeps } from '../../src/shared/service.ts';
import { eventually } from '../eventually.ts';
import { PATIENCE_MS } from '../patience.ts';
import { quietLogger } from '../quiet-logger.ts';
import { createOrderStandIn } from './payment-scene.ts';

const PROGRAM = fileURLToPath(new URL('payment-process.ts', import.meta.url));
const SECRET = 'mall-provider';
const CALLER = { userId: 'u_1', role: 'customer' } as const;
const KILLS = 2;
const seed = Number(process.env['SEED'] ?? randomSeed());
/** What outlasts them all, each with a start of a process behind it. */
const RESTARTS_MS = (KILLS + 1) * PATIENCE_MS;

const Opened = z.object({ paymentId: z.string() });
const Theirs = z.object({ payments: z.array(z.object({ id: z.string() })) });

interface Start {
  readonly fanOut: 'transaction' | 'outbox';
  readonly diesAtCommit?: boolean;
  readonly outboxStopped?: boolean;
}

/** What outlives the process. */
interface Home {
  readonly namesrv: string;
  readonly orderUrl: string;
  readonly directory: string;
  readonly ports: { readonly payment: number; readonly provider: number };
}

/** The process, its storage and its ports, which outlive it. */
class Victim {
  readonly #home: Home;
  readonly #client = new HttpClient('mall-internal', PATIENCE_MS);
  #child: ChildProcess | undefined;

  constructor(home: Home) {
    this.#home = home;
  }

  async start({ fanOut, diesAtCommit = false, outboxStopped = false }: Start): Promise<void> {
    const orders = { ...this.#home, fanOut, diesAtCommit, outboxStopped };
    const flags = ['--import', 'tsx', '--conditions=@skylarkmq/source'];
    const child = spawn(process.execPath, [...flags, PROGRAM, JSON.stringify(orders)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const lines = createInterface({ input: child.stdout });
    const ended = new AbortController();
    child.once('exit', () => ended.abort());
    await once(lines, 'line', { signal: ended.signal });
  }

  /** Resolves when it has died by itself. */
  async dies(): Promise<void> {
    await eventually('its end', () => this.#child?.signalCode === 'SIGKILL');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Opens the payment of an order and pays it, however often the process dies meanwhile. */
  async pay(orderId: string): Promise<void> {
    await eventually(
      `the payment of ${orderId}`,
      async () => {
        try {
          await this.#payOnce(orderId);
          return true;
        } catch (error) {
          quietLogger.info({ orderId, error: messageOf(error) }, 'Not yet');
          return false;
        }
      },
      RESTARTS_MS,
    );
  }

  /** Waits until the payment is in the books as paid. */
  async isPaid(orderId: string): Promise<void> {
    const { paymentId } = await this.#open(orderId);
    const url = `http://127.0.0.1:${this.#home.ports.payment}/payments/${paymentId}`;
    const output = z.object({ payment: z.object({ state: z.string() }) });
    await eventually(`${orderId} to be paid`, async () => {
      const shown = await this.#client.call({ url, caller: CALLER, output });
      return shown.payment.state === 'paid';
    });
  }

  close(): void {
    this.#client.close();
  }

  #open(orderId: string): Promise<z.infer<typeof Opened>> {
    return this.#client.call({
      url: `http://127.0.0.1:${this.#home.ports.payment}/payments`,
      body: { orderId, channel: 'bank' },
      ...{ caller: CALLER, output: Opened },
    });
  }

  async #payOnce(orderId: string): Promise<void> {
    const client = this.#client;
    const provider = `http://127.0.0.1:${this.#home.ports.provider}`;
    const headers = { authorization: `Bearer ${SECRET}` };
    const { paymentId } = await this.#open(orderId);
    const found = `${provider}/v1/payments?reference=${paymentId}`;
    const { payments } = await client.call({ url: found, headers, output: Theirs });
    assert.ok(payments[0] !== undefined);
    const url = `${provider}/v1/payments/${payments[0].id}/attempts`;
    await client.call({ url, headers, body: { decision: 'pay' }, output: z.unknown() });
  }
}

suite('payment, killed', { timeout: 1_800_000 }, () => {
  let skylark: Skylark;
  let listener: Mall;
  let context: ServiceContext<object>;
  let victim: Victim;
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'payment-'));
    skylark = await startSkylark({
      settings: { transactionCheckInterval: 500, transactionTimeOut: 3_000 },
    });
    listener = await startMall({
      ...{ namesrv: skylark.namesrvAddress, services: ['order', 'shipping'] },
      ...{ replace: { order: createOrderStandIn, shipping: createListener } },
      logger: quietLogger,
    });
    await listener.ready();
    const ports = { payment: await freePort(), provider: await freePort() };
    const { namesrv, urls } = listener.deps;
    victim = new Victim({ namesrv, orderUrl: urls.order, directory, ports });
  });
  afterEach(() => victim.kill());
  after(async () => {
    victim.close();
    await listener.stop();
    await skylark.close();
    await rm(directory, { recursive: true });
  });

  test('killed between the commit and the word to the broker: the broker asks', async () => {
    await victim.start({ fanOut: 'transaction', diesAtCommit: true });
    const paying = victim.pay('o_100');
    await victim.dies();
    assert.deepEqual(await announced('o_100'), [], 'the broker holds it back');
    await victim.start({ fanOut: 'transaction' });
    await paying;
    await eventually('the answer', async () => (await effects('o_100')) === 1);
    assert.deepEqual(await announced('o_100'), ['paid']);
  });

  test('killed between the commit and the relay of the outbox: the next relay sends', async () => {
    await victim.start({ fanOut: 'outbox', outboxStopped: true });
    await victim.pay('o_200');
    await victim.isPaid('o_200');
    await victim.kill();
    assert.deepEqual(await announced('o_200'), []);
    await victim.start({ fanOut: 'outbox' });
    await eventually('the relay', async () => (await effects('o_200')) === 1);
    assert.deepEqual(await announced('o_200'), ['paid']);
  });

  for (const fanOut of ['transaction', 'outbox'] as const) {
    test(`killed at any moment, told by ${fanOut}: one effect each (SEED=${seed})`, async () => {
      const prng = createPrng(seed);
      const orders = Array.from({ length: 6 }, (_, index) => `o_${fanOut}_${index + 1}`);
      await victim.start({ fanOut });
      const paying = Promise.all(orders.map((orderId) => victim.pay(orderId)));
      for (let kill = 0; kill < KILLS; kill++) {
        // The pause is where the dice fall, not what is waited for.
        await pause(prng.below(400));
        await victim.kill();
        await victim.start({ fanOut });
      }
      await paying;
      for (const orderId of orders) {
        const isDone = async (): Promise<boolean> => (await effects(orderId)) > 0;
        await eventually(`the effect of ${orderId}`, isDone);
      }
      await skylark.waitUntilConsumed('mall-test', TOPIC.payment, { within: PATIENCE_MS });
      for (const orderId of orders) {
        assert.equal(await effects(orderId), 1, orderId);
        assert.ok((await announced(orderId)).every((tag) => tag === 'paid'));
      }
    });
  }

  async function createListener(deps: ServiceDeps) {
    const migrations = ['CREATE TABLE effect (order_id TEXT NOT NULL);'];
    context = await openService<object>(deps, { name: 'shipping', migrations });
    context.consume({
      ...{ group: 'mall-test', topic: payment },
      handle: async ({ orderId }, trx) => {
        await sql`INSERT INTO effect (order_id) VALUES (${orderId})`.execute(trx);
      },
    });
    return context.start();
  }

  async function effects(orderId: string): Promise<number> {
    const { rows } = await sql<{ n: number }>`
      SELECT count(*)::int AS n FROM effect WHERE order_id = ${orderId}
    `.execute(context.database.kysely);
    return rows[0]?.n ?? 0;
  }

  async function announced(orderId: string): Promise<string[]> {
    const messages = await skylark.messages(TOPIC.payment);
    return messages.filter(({ keys }) => keys.includes(orderId)).map(({ tags }) => tags ?? '');
  }
});
