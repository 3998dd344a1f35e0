import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { TICKET_MS, Tickets } from '../../src/push/tickets.ts';
import {
  type ArrivedEvent,
  PUSH_MIGRATIONS,
  type PushDatabase,
  TimelineStore,
} from '../../src/push/timeline-store.ts';
import { type Database, openDatabase } from '../../src/shared/database/database.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function arrived(orderId: string, name: string, atMs = 1): ArrivedEvent {
  return {
    eventId: `${orderId}-${name}`,
    orderId,
    userId: 'u_1',
    atMs,
    body: `{"type":"${name}"}`,
  };
}

suite('timeline store', { timeout: 1_800_000 }, () => {
  let database: Database<PushDatabase>;
  let store: TimelineStore;

  before(async () => {
    database = await openDatabase<PushDatabase>({
      name: 'push',
      location: { kind: 'memory' },
      migrations: PUSH_MIGRATIONS,
      logger: silent,
    });
    store = new TimelineStore(database.kysely);
  });

  after(() => database.close());

  test('numbers each order from 1, and a copy of an event is none', async () => {
    const seqs: (number | undefined)[] = [];
    for (const [orderId, name] of [
      ['o_1', 'created'],
      ['o_2', 'created'],
      ['o_1', 'created'],
      ['o_1', 'paid'],
      ['o_2', 'created'],
      ['o_2', 'paid'],
    ] as const) {
      seqs.push(await store.add(arrived(orderId, name)));
    }
    assert.deepEqual(seqs, [1, 1, undefined, 2, undefined, 2]);
    assert.equal(await store.lastSeq('o_1'), 2);
    assert.equal(await store.lastSeq('o_9'), 0);
    assert.deepEqual(await store.read('o_1', 1, 10), [
      { seq: 2, userId: 'u_1', json: '{"type":"paid"}' },
    ]);
  });

  test('events that are stored at once leave no gap', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `e${index % 20}`);
    await Promise.all(names.map((name) => store.add(arrived('o_3', name))));
    const items = await store.read('o_3', 0, 100);
    assert.deepEqual(
      items.map(({ seq }) => seq),
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  test('forgets orders of which nothing was heard for long', async () => {
    await store.add(arrived('o_4', 'created', 1_000));
    await store.add(arrived('o_5', 'created', 9_000));
    assert.ok((await store.sweep(5_000)) >= 1);
    assert.deepEqual(await store.read('o_4', 0, 10), []);
    assert.equal((await store.read('o_5', 0, 10)).length, 1);
    assert.equal(await store.sweep(5_000), 0);
  });

  test('a ticket is good once, and for a moment', async () => {
    let nowMs = 1_000_000;
    const tickets = new Tickets(database.kysely, { nowMs: () => nowMs });
    const ticket = await tickets.issue({ userId: 'u_1', isStaff: false });
    const redeemed = await Promise.all([1, 2, 3].map(() => tickets.redeem(ticket)));
    assert.deepEqual(
      redeemed.filter((one) => one !== undefined),
      [{ userId: 'u_1', isStaff: false }],
    );
    assert.equal(await tickets.redeem('none'), undefined);
    const old = await tickets.issue({ userId: 'u_2', isStaff: true });
    nowMs += TICKET_MS + 1;
    assert.equal(await tickets.redeem(old), undefined);
    for (let index = 0; index < 50; index++) await tickets.issue({ userId: 'u_3', isStaff: false });
    await assert.rejects(tickets.issue({ userId: 'u_3', isStaff: false }), /50 tickets/);
    nowMs += TICKET_MS + 1;
    await tickets.sweep();
    await tickets.issue({ userId: 'u_3', isStaff: false });
  });
});
