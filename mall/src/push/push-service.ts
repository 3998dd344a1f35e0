/**
 * The push gateway: takes the events of all orders down, in order and numbered, and sends them on
 * to the pages that watch, over WebSocket or as server-sent events.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { ApiError, messageOf } from '../shared/api-error.ts';
import { nothing } from '../shared/http/http-server.ts';
import {
  openService,
  type Service,
  type ServiceContext,
  type ServiceDeps,
} from '../shared/service.ts';
import { Connection, type ConnectionDeps } from './connection.ts';
import { Connections } from './connections.ts';
import { isOwnOrigin } from './origin.ts';
import { attach, refuseUpgrade, SocketUpgrader, socketCarrier, streamCarrier } from './sockets.ts';
import { Tickets, TooManyTickets, type Visitor } from './tickets.ts';
import { startTimelineConsumer } from './timeline-consumer.ts';
import { PUSH_MIGRATIONS, type PushDatabase, TimelineStore } from './timeline-store.ts';

const HEARTBEAT_MS = 15_000;
const SWEEP_MS = 60_000;
/** How often it is looked whether another gateway has stored something. */
const POLL_MS = 250;
/** How long a timeline is kept after its last event. */
const KEPT_MS: number = 30 * 86_400_000;
const TIMELINE_MAX = 500;

const Watch = z.object({
  query: z.object({
    ticket: z.string().max(100),
    orderId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    afterSeq: z.coerce.number().int().min(0).default(0),
  }),
});
const OneTimeline = z.object({
  params: z.object({ orderId: z.string().max(64) }),
  query: z.object({ afterSeq: z.coerce.number().int().min(0).default(0) }),
});

/** See the head of this file. */
export async function createPushService(deps: ServiceDeps): Promise<Service> {
  const context = await openService<PushDatabase>(deps, {
    name: 'push',
    migrations: PUSH_MIGRATIONS,
  });
  const gateway = new Gateway(context);
  gateway.addRoutes();
  return context.start();
}

class Gateway {
  readonly #context: ServiceContext<PushDatabase>;
  readonly #store: TimelineStore;
  readonly #tickets: Tickets;
  readonly #connections = new Connections();
  readonly #upgrader = new SocketUpgrader();

  constructor(context: ServiceContext<PushDatabase>) {
    const { database, deps } = context;
    this.#context = context;
    this.#store = new TimelineStore(database.kysely);
    this.#tickets = new Tickets(database.kysely, deps.clock);
    context.own(() =>
      startTimelineConsumer({
        ...{ namesrv: deps.namesrv, faults: deps.faults, logger: deps.logger },
        store: this.#store,
        stored: (orderId) => this.#connections.notify(orderId),
      }),
    );
    // Another gateway may use the same database, unless this one has it for itself.
    const { kind } = deps.database;
    if (kind === 'postgres' || kind === 'engine') {
      context.every(POLL_MS, 'poll', () => this.#poll());
    }
    context.every(HEARTBEAT_MS, 'heartbeat', async () => this.#connections.tick());
    context.every(SWEEP_MS, 'sweep', async () => {
      await this.#tickets.sweep();
      await this.#store.sweep(deps.clock.nowMs() - KEPT_MS);
    });
  }

  addRoutes(): void {
    const { http } = this.#context;
    http.route(
      {
        ...{ method: 'POST', url: '/ticket', access: 'user', input: nothing },
        summary: 'A ticket for one connection, good for 30 seconds',
        output: z.object({ ticket: z.string() }),
      },
      async (_input, { caller }) => {
        const visitor = { userId: caller.userId, isStaff: caller.role === 'staff' };
        return { ticket: await this.#issue(visitor) };
      },
    );
    http.route(
      {
        ...{ method: 'GET', url: '/sse', access: 'public', input: Watch },
        summary: 'The events of an order as server-sent events',
      },
      async ({ query }, { request, reply }) => {
        const visitor = await this.#tickets.redeem(query.ticket);
        if (visitor === undefined) {
          throw new ApiError('UNAUTHENTICATED', 'The ticket is used, too old, or none');
        }
        const carrier = streamCarrier(reply.raw);
        const connection = this.#connect({ carrier, visitor, isAnswering: false });
        if (connection === undefined) throw new ApiError('BUSY', 'Too many connections');
        reply.hijack();
        reply.raw.writeHead(200, {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        });
        reply.raw.flushHeaders();
        request.raw.on('close', () => this.#connections.remove(connection));
        reply.raw.on('close', () => this.#connections.remove(connection));
        await connection.feed.subscribe(query.orderId, query.afterSeq);
      },
    );
    http.route(
      {
        ...{ method: 'GET', url: '/internal/timelines/:orderId', access: 'internal' },
        ...{ input: OneTimeline, summary: 'The events of an order, numbered as pages see them' },
      },
      async ({ params, query }) => {
        const items = await this.#store.read(params.orderId, query.afterSeq, TIMELINE_MAX);
        const timeline = items.map(({ json, seq }) => ({ seq, event: JSON.parse(json) }));
        return { timeline };
      },
    );
    http.fastify.server.on('upgrade', (request, socket, head) => {
      this.#upgrade(request, socket, head).catch((error: unknown) => {
        this.#context.deps.logger.warn({ error: messageOf(error) }, 'A WebSocket failed to open');
        refuseUpgrade(socket, 503);
      });
    });
    // Before the server closes: it would wait for WebSockets until their pages leave.
    this.#context.stopping.addEventListener('abort', () => this.#connections.endAll());
    this.#context.onStop(() => this.#upgrader.close());
  }

  /** What other gateways stored. */
  async #poll(): Promise<void> {
    const watched = this.#connections.watched();
    const newest = await this.#store.lastSeqs([...watched.keys()]);
    for (const [orderId, seq] of newest) {
      if (seq > (watched.get(orderId) ?? 0)) this.#connections.notify(orderId);
    }
  }

  async #issue(visitor: Visitor): Promise<string> {
    try {
      return await this.#tickets.issue(visitor);
    } catch (error) {
      if (!(error instanceof TooManyTickets)) throw error;
      throw new ApiError('TOO_MANY_REQUESTS', error.message);
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Until the WebSocket has it, a socket that breaks must not end the process.
    socket.on('error', () => socket.destroy());
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://push');
    if (pathname !== '/ws') return refuseUpgrade(socket, 404);
    const { headers } = request;
    const forwarded = headers['x-forwarded-host'];
    const host = typeof forwarded === 'string' ? forwarded : headers.host;
    const { publicUrl } = this.#context.deps.settings;
    const allowed = URL.canParse(publicUrl) ? [new URL(publicUrl).origin] : [];
    if (!isOwnOrigin(headers.origin, host, allowed)) return refuseUpgrade(socket, 403);
    const visitor = await this.#tickets.redeem(searchParams.get('ticket') ?? '');
    if (visitor === undefined) return refuseUpgrade(socket, 401);
    const webSocket = await this.#upgrader.upgrade(request, socket, head);
    const carrier = socketCarrier(webSocket);
    const connection = this.#connect({ carrier, visitor, isAnswering: true });
    if (connection === undefined) return carrier.end(1013, 'Too many connections');
    attach(webSocket, connection, () => this.#connections.remove(connection));
  }

  /** Undefined when there are too many. */
  #connect(
    given: Pick<ConnectionDeps, 'carrier' | 'visitor' | 'isAnswering'>,
  ): Connection | undefined {
    const { clock, logger } = this.#context.deps;
    const connection = new Connection({ ...given, timelines: this.#store, clock, logger });
    const { userId } = given.visitor;
    return this.#connections.add(connection, userId) ? connection : undefined;
  }
}
