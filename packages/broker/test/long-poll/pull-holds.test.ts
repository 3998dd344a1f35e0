import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, randomSeed, realScheduler, VirtualTime } from '@skylarkmq/base';
import type { ArrivalListener, QueueHandle } from '@skylarkmq/store';
import type { MessageFilter } from '../../src/filter/message-filter.ts';
import { type HeldPull, PullHolds } from '../../src/long-poll/pull-holds.ts';

/** Stands for the log: a record is one byte. */
const RECORDS: Buffer = Buffer.from([0, 1]);

interface TestQueue extends QueueHandle {
  maxOffset: number;
}

class TestConnection {
  closed = false;
  readonly listeners = new Set<() => void>();

  onClose(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.closed = true;
    for (const listener of [...this.listeners]) listener();
  }
}

interface Held extends HeldPull {
  resumed: number;
}

function setUp(): {
  time: VirtualTime;
  holds: PullHolds;
  queue: (id: number) => TestQueue;
  arrive: (queue: TestQueue, tagsCode: number, position?: number) => void;
  pull: (queue: TestQueue, connection: TestConnection, filter?: MessageFilter | null) => Held;
  turn: () => Promise<void>;
} {
  const time = new VirtualTime(realScheduler);
  const listeners = new Set<ArrivalListener>();
  const holds = new PullHolds({
    store: {
      mayMatch: (physicalOffset, recordBytes, records) =>
        records(RECORDS, physicalOffset, physicalOffset + recordBytes),
      onArrival(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    scheduler: time,
    settings: () => ({ heldPullsMax: 100 }),
  });
  holds.start();
  return {
    time,
    holds,
    queue: (queueId) => ({ topic: 'T', queueId, minOffset: 0, maxOffset: 0, nextOffset: 0 }),
    arrive(queue, tagsCode, position = 0) {
      queue.maxOffset++;
      for (const listener of listeners) listener(queue, queue.maxOffset, tagsCode, 0, position, 1);
    },
    pull(queue, connection, filter = null) {
      const held: Held = {
        connection,
        queue,
        offset: queue.maxOffset,
        filter,
        resumed: 0,
        resume() {
          held.resumed++;
        },
      };
      return held;
    },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

function byTag(wanted: number): MessageFilter {
  return { byConsumeQueue: (code) => code === wanted, byRecord: null };
}

test('a filter of records is asked about what its tags code lets through', async () => {
  const { holds, queue, arrive, pull, turn } = setUp();
  const one = queue(1);
  const asked: number[] = [];
  const filter: MessageFilter = {
    byConsumeQueue: (code) => code === 5,
    byRecord: (buffer, start) => {
      asked.push(start);
      return buffer[start] === 1;
    },
  };
  const held = pull(one, new TestConnection(), filter);
  holds.hold(held, 1000);
  arrive(one, 4, 1);
  arrive(one, 5, 0);
  await turn();
  assert.deepEqual([held.resumed, asked], [0, [0]]);
  arrive(one, 5, 1);
  await turn();
  assert.deepEqual([held.resumed, asked], [1, [0, 1]]);
});

test('only pulls of that queue, and of wanted tags, wake; once', async () => {
  const { holds, queue, arrive, pull, turn } = setUp();
  const [one, two] = [queue(1), queue(2)];
  const connection = new TestConnection();
  const all = pull(one, connection);
  const picky = pull(one, connection, byTag(5));
  const other = pull(two, connection);
  for (const held of [all, picky, other]) holds.hold(held, 1000);
  arrive(one, 4);
  arrive(one, 4);
  assert.equal(all.resumed, 0, 'not within the callback of the store');
  await turn();
  assert.deepEqual([all.resumed, picky.resumed, other.resumed], [1, 0, 0]);
  arrive(one, 5);
  await turn();
  assert.deepEqual([all.resumed, picky.resumed, other.resumed], [1, 1, 0]);
  assert.equal(holds.count, 1);
  assert.equal(connection.listeners.size, 1);
});

test('a message that came before the pull was held wakes it at once', async () => {
  const { holds, queue, arrive, pull, turn } = setUp();
  const one = queue(1);
  const late = pull(one, new TestConnection());
  arrive(one, 1);
  holds.hold(late, 1000);
  await turn();
  assert.equal(late.resumed, 1);
  assert.equal(holds.count, 0);
});

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`random arrivals and closes wake each pull at most once (SEED=${seed})`, async () => {
  const prng = createPrng(seed);
  const { time, holds, queue, arrive, pull, turn } = setUp();
  const queues = [0, 1, 2].map(queue);
  const connections = [0, 1, 2, 3].map(() => new TestConnection());
  const pulls: { held: Held; connection: TestConnection }[] = [];
  for (let step = 0; step < 2000; step++) {
    const one = queues[prng.below(queues.length)];
    const index = prng.below(connections.length);
    const connection = connections[index];
    assert.ok(one !== undefined && connection !== undefined);
    const action = prng.below(10);
    if (action < 5 && !holds.isFull) {
      const held = pull(one, connection);
      pulls.push({ held, connection });
      holds.hold(held, prng.below(3000));
    } else if (action < 7) arrive(one, prng.below(3));
    else if (action < 9) await time.advance(prng.below(500));
    else if (prng.below(10) === 0) {
      connection.close();
      connections[index] = new TestConnection();
    }
  }
  await turn();
  holds.close();
  await turn();
  assert.equal(holds.count, 0, `seed ${seed}`);
  for (const { held, connection } of pulls) {
    const expected = connection.closed ? held.resumed <= 1 : held.resumed === 1;
    assert.ok(expected, `seed ${seed}: resumed ${held.resumed} times`);
    assert.equal(connection.listeners.size, 0, `seed ${seed}: listeners are left`);
  }
});
