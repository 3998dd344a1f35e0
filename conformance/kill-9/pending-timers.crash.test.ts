/**
 * Many messages that wait for their time, in bounded memory: all are pending at once, the broker is
 * killed and started again, and then they come, none early, none missing. 10,000, with
 * SKYLARK_SOAK=1 1,000,000. Prints resident memory, and how long it took.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Admin, Producer, PullConsumer } from '@skylarkmq/client';
import { type KilledServer, withKilledServer } from './killed-server.ts';

const IS_SOAK = process.env['SKYLARK_SOAK'] === '1';
const TIMERS = IS_SOAK ? 1_000_000 : 10_000;
const PER_SECOND = 5000;
/** From the first send until the first is due: all must have been sent by then. */
const LEAD_MS = IS_SOAK ? 480_000 : 45_000;
const TOPIC = 'Pending';
const QUEUES = 4;
const SENDS_AT_A_TIME = 256;
const BODY_BYTES = 200;
/** Node alone has 60; what a million timers need must not be seen in it. */
const RESIDENT_MB_MAX = 350;
const SAMPLE_MS = 200;
const PATIENCE_MS = 300_000;
const REQUEST_MS = 60_000;

/** Resident memory of the server now, and the most that was seen of it. */
class Resident {
  readonly #server: KilledServer;
  readonly #timer: NodeJS.Timeout;
  #max = 0;

  constructor(server: KilledServer) {
    this.#server = server;
    this.#timer = setInterval(() => this.now(), SAMPLE_MS);
  }

  now(): number {
    const path = `/proc/${this.#server.pid}/status`;
    // Between a kill and the next start there is none.
    if (!existsSync(path)) return 0;
    const status = readFileSync(path, 'utf8');
    const mb = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    this.#max = Math.max(this.#max, mb);
    return mb;
  }

  /** The most since the last call. */
  takeMax(): number {
    const max = Math.max(this.#max, this.now());
    this.#max = 0;
    return max;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Due one after the other at an even rate; the body begins with the number. */
async function send(namesrv: string, firstMs: number): Promise<void> {
  await using producer = new Producer({ namesrv, sendTimeoutMs: REQUEST_MS });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < TIMERS) {
      const index = next++;
      const deliverAt = firstMs + Math.floor((index * 1000) / PER_SECOND);
      const body = String(index).padEnd(BODY_BYTES, ' ');
      const { status } = await producer.send({ topic: TOPIC, body, deliverAt });
      assert.equal(status, 'ok');
    }
  };
  await Promise.all(Array.from({ length: SENDS_AT_A_TIME }, lane));
}

async function deliveredCount(admin: Admin): Promise<number> {
  const queues = await admin.queues(TOPIC);
  const ends = await Promise.all(queues.map((queue) => admin.maxOffset(queue)));
  return ends.reduce((sum, end) => sum + end, 0);
}

/** How late each was stored in its topic, ascending; nothing may be missing, early or twice. */
async function lateness(namesrv: string, firstMs: number): Promise<number[]> {
  await using consumer = new PullConsumer({
    ...{ namesrv, group: 'final', requestTimeoutMs: REQUEST_MS },
  });
  const queues = await consumer.queues(TOPIC);
  await consumer.assign(queues);
  for (const queue of queues) await consumer.seekToBeginning(queue);
  const late: number[] = [];
  const seen = new Uint8Array(TIMERS);
  const untilMs = Date.now() + PATIENCE_MS;
  while (late.length < TIMERS && Date.now() < untilMs) {
    for (const message of await consumer.poll({ timeoutMs: 1000, max: 1000 })) {
      const index = Number(message.body.toString());
      assert.equal(seen[index], 0, `message ${index} came twice`);
      seen[index] = 1;
      late.push(message.storeTimestamp - firstMs - Math.floor((index * 1000) / PER_SECOND));
    }
  }
  assert.equal(late.length, TIMERS);
  return late.sort((one, other) => one - other);
}

test(`${TIMERS} messages wait for their time in bounded memory`, async (t) => {
  await withKilledServer('async', async (server) => {
    const { namesrv } = server;
    await using admin = new Admin({ namesrv, requestTimeoutMs: REQUEST_MS });
    await admin.createTopic({ topic: TOPIC, queues: QUEUES });
    using resident = new Resident(server);
    const idleMb = resident.now();
    const began = Date.now();
    const firstMs = began + LEAD_MS;
    await send(namesrv, firstMs);
    const sentMs = Date.now();
    const sendMb = resident.takeMax();
    t.diagnostic(`${idleMb} MB idle; sent in ${sentMs - began} ms, ${sendMb} MB at most`);
    await server.kill();
    await server.restart();
    assert.equal(await deliveredCount(admin), 0);
    assert.ok(Date.now() < firstMs, 'This machine is too slow: some were due before all were sent');
    t.diagnostic(`started again in ${Date.now() - sentMs} ms, ${resident.now()} MB, all pending`);
    const lastMs = firstMs + (TIMERS * 1000) / PER_SECOND;
    while ((await deliveredCount(admin)) < TIMERS && Date.now() < lastMs + PATIENCE_MS) {
      await delay(SAMPLE_MS);
    }
    const deliverMb = resident.takeMax();
    const late = await lateness(namesrv, firstMs);
    const at = (share: number): number => late[Math.floor((late.length - 1) * share)] ?? 0;
    const times = `${at(0)} / ${at(0.5)} / ${at(0.99)} / ${at(1)} ms`;
    t.diagnostic(`delivered: ${deliverMb} MB at most; late (min, p50, p99, max): ${times}`);
    assert.ok(at(0) >= 0, `a message came ${-at(0)} ms early`);
    assert.ok(Math.max(sendMb, deliverMb) < RESIDENT_MB_MAX, `${sendMb} and ${deliverMb} MB`);
  });
});
