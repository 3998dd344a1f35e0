/**
 * What one connection is sent: the events of the orders that it watches, each once and in order.
 * There is no queue: a feed has a cursor per order and reads on from the stored timeline when the
 * other side has taken what was sent. So a slow reader costs as much memory as a quick one, and a
 * connection that is cut goes on at its cursor.
 */

/** An event of an order's timeline. */
export interface FeedItem {
  /** Counts from 1, without gaps, in each order. */
  readonly seq: number;
  /** Whose order it is. */
  readonly userId: string;
  /** The event as JSON. */
  readonly json: string;
}

/** What a feed uses. */
export interface FeedDeps {
  /** The items after a number, oldest first. */
  read(orderId: string, afterSeq: number, max: number): Promise<readonly FeedItem[]>;
  /** The number of an order's newest item; 0 if there is none. */
  lastSeq(orderId: string): Promise<number>;
  mayRead(userId: string): boolean;
  /** Sends a text; `done` when it has left this process. */
  send(text: string, done: () => void): void;
  /** The feed cannot go on. */
  failed(error: unknown): void;
}

/** Orders that one connection watches at most. */
export const FEED_ORDERS_MAX = 50;
/** Bytes that wait for the other side before no more are read. */
export const FEED_BYTES_MAX: number = 64 * 1024;
const BATCH_MAX = 32;

interface Cursor {
  sentSeq: number;
}

/** See the head of this file. */
export class Feed {
  readonly #deps: FeedDeps;
  readonly #cursors = new Map<string, Cursor>();
  /** Orders that may have more than was sent. */
  readonly #behind = new Set<string>();
  #outstandingBytes = 0;
  #roomMade: (() => void) | undefined;
  #isPumping = false;
  #isClosed = false;

  constructor(deps: FeedDeps) {
    this.#deps = deps;
  }

  /** Orders that are watched, each with the number of the last item that was sent. */
  get orders(): readonly (readonly [orderId: string, sentSeq: number])[] {
    return [...this.#cursors].map(([orderId, { sentSeq }]) => [orderId, sentSeq]);
  }

  /** Bytes that were sent and have not left yet. */
  get outstandingBytes(): number {
    return this.#outstandingBytes;
  }

  /**
   * Watches an order from the item after `afterSeq`; again, and it goes on from there. A number
   * that the timeline has not reached is of another time: the feed says `reset` and begins anew.
   */
  async subscribe(orderId: string, afterSeq: number): Promise<void> {
    if (!this.#cursors.has(orderId) && this.#cursors.size >= FEED_ORDERS_MAX) {
      this.#write({ error: 'TOO_MANY_ORDERS', orderId });
      return;
    }
    const isAhead = afterSeq > 0 && afterSeq > (await this.#deps.lastSeq(orderId));
    if (isAhead) this.#write({ orderId, reset: true });
    this.#cursors.set(orderId, { sentSeq: isAhead ? 0 : afterSeq });
    this.notify(orderId);
  }

  /** No more of this order. */
  unsubscribe(orderId: string): void {
    this.#cursors.delete(orderId);
    this.#behind.delete(orderId);
  }

  /** There is something new of an order. */
  notify(orderId: string): void {
    if (this.#isClosed || !this.#cursors.has(orderId)) return;
    this.#behind.add(orderId);
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#pump().catch((error: unknown) => this.#deps.failed(error));
  }

  /** Sends nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#cursors.clear();
    this.#behind.clear();
    this.#roomMade?.();
  }

  async #pump(): Promise<void> {
    try {
      for (const orderId of this.#behind) {
        await this.#room();
        // Deleted before the read: what arrives meanwhile puts it back, at the end.
        this.#behind.delete(orderId);
        await this.#sendBatch(orderId);
      }
    } finally {
      this.#isPumping = false;
    }
  }

  async #sendBatch(orderId: string): Promise<void> {
    const cursor = this.#cursors.get(orderId);
    if (cursor === undefined) return;
    const items = await this.#deps.read(orderId, cursor.sentSeq, BATCH_MAX);
    // Subscribed anew while it was read: the new cursor is served by its own round.
    if (this.#cursors.get(orderId) !== cursor) return;
    for (const { seq, userId, json } of items) {
      if (!this.#deps.mayRead(userId)) {
        this.unsubscribe(orderId);
        this.#write({ error: 'FORBIDDEN', orderId });
        return;
      }
      cursor.sentSeq = seq;
      this.#writeText(`{"orderId":${JSON.stringify(orderId)},"seq":${seq},"event":${json}}`);
    }
    if (items.length === BATCH_MAX) this.#behind.add(orderId);
  }

  /** Resolves when the other side has taken enough. */
  async #room(): Promise<void> {
    while (this.#outstandingBytes >= FEED_BYTES_MAX && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#roomMade = resolve;
      });
    }
  }

  #write(value: object): void {
    this.#writeText(JSON.stringify(value));
  }

  #writeText(text: string): void {
    if (this.#isClosed) return;
    const bytes = Buffer.byteLength(text);
    this.#outstandingBytes += bytes;
    this.#deps.send(text, () => {
      this.#outstandingBytes -= bytes;
      this.#roomMade?.();
    });
  }
}
