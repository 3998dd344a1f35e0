import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FEED_BYTES_MAX, FEED_ORDERS_MAX, Feed, type FeedItem } from '../../src/push/feed.ts';

/** A stored timeline and a reader of it that takes what it is told to. */
class Scene {
  readonly stored = new Map<string, FeedItem[]>();
  readonly sent: string[] = [];
  readonly errors: unknown[] = [];
  readonly feed: Feed;
  isReading = true;
  reads = 0;
  #held: (() => void)[] = [];

  constructor(userId = 'u_1') {
    this.feed = new Feed({
      read: async (orderId, afterSeq, max) => {
        this.reads++;
        await setImmediate();
        const items = this.stored.get(orderId) ?? [];
        return items.filter(({ seq }) => seq > afterSeq).slice(0, max);
      },
      lastSeq: async (orderId) => this.stored.get(orderId)?.length ?? 0,
      mayRead: (owner) => owner === userId,
      send: (text, done) => {
        this.sent.push(text);
        if (this.isReading) done();
        else this.#held.push(done);
      },
      failed: (error) => this.errors.push(error),
    });
  }

  add(orderId: string, count: number, text = 'x', userId = 'u_1'): void {
    const items = this.stored.get(orderId) ?? [];
    this.stored.set(orderId, items);
    for (let index = 0; index < count; index++) {
      items.push({ seq: items.length + 1, userId, json: JSON.stringify({ text }) });
    }
    this.feed.notify(orderId);
  }

  /** The reader takes what waits for it. */
  take(): void {
    for (const done of this.#held.splice(0)) done();
  }

  /** The sent numbers of an order. */
  seqs(orderId: string): number[] {
    return this.sent
      .map((text): { orderId: string; seq?: number } => JSON.parse(text))
      .filter((message) => message.orderId === orderId)
      .flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 200; round++) await setImmediate();
  }
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

suite('feed', () => {
  test('sends what is stored and what comes, in order and once', async () => {
    const scene = new Scene();
    scene.add('o_1', 100);
    await scene.feed.subscribe('o_1', 0);
    for (let round = 0; round < 20; round++) {
      scene.add('o_1', 3);
      if (round % 3 === 0) await setImmediate();
    }
    await scene.settle();
    assert.deepEqual(scene.seqs('o_1'), numbers(1, 160));
    assert.deepEqual(scene.errors, []);
  });

  test('goes on after the number that the reader has', async () => {
    const scene = new Scene();
    scene.add('o_1', 40);
    await scene.feed.subscribe('o_1', 37);
    await scene.settle();
    assert.deepEqual(scene.seqs('o_1'), [38, 39, 40]);
  });

  test('begins anew for a number that the timeline has not reached', async () => {
    const scene = new Scene();
    scene.add('o_1', 2);
    await scene.feed.subscribe('o_1', 9);
    await scene.settle();
    assert.deepEqual(JSON.parse(scene.sent[0] ?? ''), { orderId: 'o_1', reset: true });
    assert.deepEqual(scene.seqs('o_1'), [1, 2]);
  });

  test('a reader that does not read costs a fixed amount, and misses nothing', async () => {
    const scene = new Scene();
    scene.isReading = false;
    scene.add('o_1', 5_000, 'x'.repeat(1_000));
    await scene.feed.subscribe('o_1', 0);
    await scene.settle();
    const first = scene.sent.length;
    assert.ok(scene.feed.outstandingBytes >= FEED_BYTES_MAX);
    assert.ok(scene.feed.outstandingBytes < FEED_BYTES_MAX + 64 * 1024);
    const { reads } = scene;
    for (let round = 0; round < 100; round++) scene.add('o_1', 10, 'x'.repeat(1_000));
    await scene.settle();
    assert.equal(scene.sent.length, first);
    assert.equal(scene.reads, reads, 'nothing is read for it meanwhile');
    scene.isReading = true;
    scene.take();
    await scene.settle();
    assert.deepEqual(scene.seqs('o_1'), numbers(1, 6_000));
    assert.equal(scene.feed.outstandingBytes, 0);
  });

  test("another one's order is refused", async () => {
    const scene = new Scene('u_2');
    await scene.feed.subscribe('o_1', 0);
    scene.add('o_1', 1);
    await scene.settle();
    scene.add('o_1', 1);
    await scene.settle();
    assert.deepEqual(scene.sent, ['{"error":"FORBIDDEN","orderId":"o_1"}']);
  });

  test('orders of a connection are limited, and share it fairly', async () => {
    const scene = new Scene();
    for (const index of numbers(1, FEED_ORDERS_MAX + 1)) {
      scene.add(`o_${index}`, 100);
      await scene.feed.subscribe(`o_${index}`, 0);
    }
    assert.equal(scene.feed.orders.length, FEED_ORDERS_MAX);
    await scene.settle();
    assert.ok(scene.sent.some((text) => text.includes('TOO_MANY_ORDERS')));
    for (const index of numbers(1, FEED_ORDERS_MAX)) {
      assert.deepEqual(scene.seqs(`o_${index}`), numbers(1, 100));
    }
    scene.feed.unsubscribe('o_1');
    scene.add('o_1', 1);
    await scene.settle();
    assert.equal(scene.seqs('o_1').length, 100);
  });

  test('a feed that is closed sends nothing, also when it waits for room', async () => {
    const scene = new Scene();
    scene.isReading = false;
    scene.add('o_1', 500, 'x'.repeat(1_000));
    await scene.feed.subscribe('o_1', 0);
    await scene.settle();
    const { length } = scene.sent;
    scene.feed.close();
    scene.take();
    await scene.settle();
    assert.equal(scene.sent.length, length);
  });

  test('a timeline that cannot be read ends the feed', async () => {
    const errors: unknown[] = [];
    const feed = new Feed({
      read: async () => {
        throw new Error('The database is away');
      },
      lastSeq: async () => 0,
      mayRead: () => true,
      send: () => {},
      failed: (error) => errors.push(error),
    });
    await feed.subscribe('o_1', 0);
    await setImmediate();
    assert.match(String(errors[0]), /away/);
  });
});
