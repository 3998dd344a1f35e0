/**
 * One visitor's connection, whatever carries it: a feed, a heartbeat, and an end for those that do
 * not answer or do not read.
 */
import { z } from 'zod';
import { FEED_BYTES_MAX, Feed, type FeedItem } from './feed.ts';
import type { Visitor } from './tickets.ts';

/** What carries a connection: a WebSocket, or a response that does not end. */
export interface Carrier {
  /** `done` when the text has left this process. */
  send(text: string, done: () => void): void;
  /** Asks the other side for a sign of life, where the carrier can. */
  ping(): void;
  /** Ends it; codes are those of WebSocket. */
  end(code: number, reason: string): void;
}

/** What a connection uses. */
export interface ConnectionDeps {
  readonly carrier: Carrier;
  readonly visitor: Visitor;
  readonly timelines: {
    read(orderId: string, afterSeq: number, max: number): Promise<readonly FeedItem[]>;
    lastSeq(orderId: string): Promise<number>;
  };
  readonly clock: { nowMs(): number };
  readonly logger: { warn(fields: object, text: string): void };
  /** Whether the other side answers pings; who reads a stream of events cannot. */
  readonly isAnswering: boolean;
}

/** Silence and standstill are ended after this time. */
export const CONNECTION_TIMEOUT_MS = 45_000;
/** A message of a visitor is no longer than this. */
export const VISITOR_MESSAGE_BYTES_MAX = 1_024;

const CODE_GOING_AWAY = 1001;
const CODE_POLICY = 1008;
const CODE_FAILED = 1011;
const CODE_TRY_AGAIN = 1013;

const VisitorMessage = z.union([
  z.strictObject({
    subscribe: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    afterSeq: z.number().int().min(0).default(0),
  }),
  z.strictObject({ unsubscribe: z.string().max(64) }),
  z.object({ pong: z.unknown() }).transform(() => ({ pong: true as const })),
]);

/** See the head of this file. */
export class Connection {
  readonly feed: Feed;
  readonly #deps: ConnectionDeps;
  #heardMs: number;
  /** Since when the other side has taken nothing of what waits for it. */
  #stalledMs: number | undefined;
  #takenBytes = 0;
  #takenAtTickBytes = 0;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.#heardMs = deps.clock.nowMs();
    const { carrier, timelines, visitor } = deps;
    this.feed = new Feed({
      read: (orderId, afterSeq, max) => timelines.read(orderId, afterSeq, max),
      lastSeq: (orderId) => timelines.lastSeq(orderId),
      mayRead: (userId) => visitor.isStaff || userId === visitor.userId,
      send: (text, done) => this.#send(text, done),
      failed: (error) => {
        deps.logger.warn({ error }, 'A timeline could not be read');
        carrier.end(CODE_TRY_AGAIN, 'The timeline cannot be read: connect again');
      },
    });
  }

  /** The visitor says something. */
  async received(text: string): Promise<void> {
    this.alive();
    const { carrier, logger } = this.#deps;
    const message = VisitorMessage.safeParse(parseJson(text));
    if (!message.success) {
      carrier.end(CODE_POLICY, 'Not a message: {"subscribe": orderId, "afterSeq": number}');
      return;
    }
    const { data } = message;
    try {
      if ('subscribe' in data) await this.feed.subscribe(data.subscribe, data.afterSeq);
      else if ('unsubscribe' in data) this.feed.unsubscribe(data.unsubscribe);
    } catch (error) {
      logger.warn({ error }, 'A timeline could not be read');
      carrier.end(CODE_FAILED, 'The timeline cannot be read: connect again');
    }
  }

  /** The other side is there. */
  alive(): void {
    this.#heardMs = this.#deps.clock.nowMs();
  }

  /** The heartbeat: asks for a sign of life, and ends what gave none, or takes nothing. */
  tick(): void {
    const { carrier, clock, isAnswering } = this.#deps;
    const nowMs = clock.nowMs();
    if (isAnswering && nowMs - this.#heardMs > CONNECTION_TIMEOUT_MS) {
      carrier.end(CODE_POLICY, 'No sign of life');
      return;
    }
    const isStalled =
      this.feed.outstandingBytes >= FEED_BYTES_MAX && this.#takenBytes === this.#takenAtTickBytes;
    this.#takenAtTickBytes = this.#takenBytes;
    this.#stalledMs = isStalled ? (this.#stalledMs ?? nowMs) : undefined;
    if (nowMs - (this.#stalledMs ?? nowMs) > CONNECTION_TIMEOUT_MS) {
      carrier.end(CODE_TRY_AGAIN, 'Too slow: connect again');
      return;
    }
    carrier.ping();
    // Pings are no part of what is paced, and must not pile up before one who does not read.
    if (!isStalled) carrier.send(JSON.stringify({ ping: nowMs }), () => {});
  }

  /** Sends it away: the gateway stops. */
  end(): void {
    this.#deps.carrier.end(CODE_GOING_AWAY, 'The gateway stops: connect again');
  }

  /** It is over. */
  close(): void {
    this.feed.close();
  }

  #send(text: string, done: () => void): void {
    this.#deps.carrier.send(text, () => {
      this.#takenBytes += text.length;
      done();
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
