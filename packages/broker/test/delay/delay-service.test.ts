/** Delayed messages: never early, promptly, in order, once; at least once after a crash. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPrng,
  MemoryFileSystem,
  randomSeed,
  realScheduler,
  VirtualTime,
} from '@skylarkmq/base';
import { DEFAULT_DELAY_LEVELS, parseDelayLevels } from '@skylarkmq/message';
import type { MessageStore } from '@skylarkmq/store';
import { FaultyFileSystem } from '@skylarkmq/testkit';
import { delayMessage } from '../../src/send/delayed-properties.ts';
import { type DomainsOptions, messagesOf, startDomains } from '../domains.ts';
import { killedDisk } from '../killed-disk.ts';

const LEVELS_MS = parseDelayLevels(DEFAULT_DELAY_LEVELS);
const DELAY_OF_LEVEL = (level: number): number => LEVELS_MS[level - 1] ?? 0;

/** Stores a message with a level, as sends do. */
async function sendDelayed(store: MessageStore, level: number, text: string): Promise<void> {
  const properties = new Map([
    ['DELAY', String(level)],
    ['TAGS', 'A'],
    ['WAIT', 'true'],
  ]);
  const place = delayMessage(properties, 'T', 2, LEVELS_MS.length);
  assert.ok(place !== undefined);
  const result = await store.put({ ...place, body: Buffer.from(text), properties, flag: 7 });
  assert.equal(result.status, 'OK');
}

async function bodies(store: MessageStore): Promise<string[]> {
  return (await messagesOf(store, 'T', 2)).map((message) => message.body.toString());
}

test('every level fires at its time and not a millisecond before', async () => {
  const broker = await startDomains();
  for (const [index, delayMs] of LEVELS_MS.entries()) {
    const level = index + 1;
    const sentMs = broker.time.nowMs();
    await sendDelayed(broker.store, level, `level ${level}`);
    await broker.time.advance(delayMs - 1);
    assert.equal((await bodies(broker.store)).length, index);
    await broker.time.advance(1);
    const message = (await messagesOf(broker.store, 'T', 2))[index];
    assert.equal(message?.body.toString(), `level ${level}`);
    assert.equal(message?.storeTimestamp, sentMs + delayMs);
  }
  await broker.close();
});

test('consumers see the message with its own topic and the official property set', async () => {
  const broker = await startDomains();
  const sentMs = broker.time.nowMs();
  await sendDelayed(broker.store, 1, 'hello');
  await broker.time.advance(1000);
  const [message] = await messagesOf(broker.store, 'T', 2);
  assert.equal(message?.topic, 'T');
  assert.equal(message?.queueId, 2);
  assert.equal(message?.flag, 7);
  assert.equal(message?.bornTimestamp, sentMs);
  const { '__CRC32#': crc, ...rest } = Object.fromEntries(message?.properties ?? []);
  assert.equal(crc?.length, 10);
  assert.deepEqual(rest, { DELAY: '1', TAGS: 'A', WAIT: 'true', REAL_TOPIC: 'T', REAL_QID: '2' });
  await broker.close();
});

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`a random mix of levels arrives, each on time and in order (SEED=${seed})`, async () => {
  const prng = createPrng(seed);
  const broker = await startDomains({ flush: 'sync' });
  const dueMs = new Map<string, number>();
  for (let index = 0; index < 600; index++) {
    const level = 1 + prng.below(5);
    const text = `${level}:${index}`;
    await sendDelayed(broker.store, level, text);
    dueMs.set(text, broker.time.nowMs() + DELAY_OF_LEVEL(level));
    if (prng.below(3) === 0) await broker.time.advance(prng.below(400));
  }
  await broker.time.advance(61_000);
  const found = await messagesOf(broker.store, 'T', 2);
  assert.equal(found.length, 600, `seed ${seed}`);
  const lastOfLevel = new Map<string, number>();
  for (const message of found) {
    const text = message.body.toString();
    assert.equal(message.storeTimestamp, dueMs.get(text), `seed ${seed}: ${text}`);
    const [level = '', index = ''] = text.split(':');
    assert.ok(Number(index) > (lastOfLevel.get(level) ?? -1), `seed ${seed}: ${text} in order`);
    lastOfLevel.set(level, Number(index));
  }
  await broker.close();
});

test('a backlog of many batches is delivered at once', async () => {
  const broker = await startDomains();
  const sends = Array.from({ length: 2000 }, (_, index) =>
    sendDelayed(broker.store, 3, String(index)),
  );
  await Promise.all(sends);
  assert.equal(broker.delays.behind(3), 2000);
  await broker.time.advance(10_000);
  await settled(broker.time, () => broker.delays.behind(3) === 0);
  assert.deepEqual(
    await bodies(broker.store),
    Array.from({ length: 2000 }, (_, i) => String(i)),
  );
  await broker.close();
});

test('a restart after a clean stop goes on without a duplicate', async () => {
  const options = disk();
  let broker = await startDomains(options);
  await sendDelayed(broker.store, 1, 'before');
  await sendDelayed(broker.store, 3, 'after');
  await broker.time.advance(1000);
  await broker.close();
  await options.time.advance(60_000);
  broker = await startDomains(options);
  await broker.time.advance(0);
  await settled(broker.time, () => broker.delays.behind(3) === 0);
  assert.deepEqual(await bodies(broker.store), ['before', 'after']);
  await broker.close();
});

test('after a crash nothing is missing, and what repeats is of the last ten seconds', async () => {
  const options = disk();
  const broker = await startDomains({ ...options, flush: 'sync' });
  const sendFive = async (word: string): Promise<void> => {
    for (let index = 0; index < 5; index++) await sendDelayed(broker.store, 1, word + index);
  };
  await sendFive('old');
  await broker.time.advance(11_000);
  await sendFive('new');
  await broker.time.advance(1500);
  const image = killedDisk(options.disk);
  await broker.close();
  const again = await startDomains({ ...options, disk: image });
  await settled(again.time, () => again.delays.behind(1) === 0);
  const found = await bodies(again.store);
  const expected = [...words('old'), ...words('new'), ...words('new')];
  assert.deepEqual(found, expected);
  await again.close();
});

test('a message that is refused is tried again, and those behind it stay in order', async () => {
  const faulty = new FaultyFileSystem(new MemoryFileSystem());
  const broker = await startDomains({ disk: faulty, flush: 'async' });
  await sendDelayed(broker.store, 1, 'first');
  await sendDelayed(broker.store, 1, 'second');
  const path = 'commitlog';
  const free = faulty.fail({ operation: 'write', lasting: true, code: 'ENOSPC', path });
  await broker.time.advance(1000);
  assert.deepEqual(await bodies(broker.store), []);
  free();
  await broker.time.advance(60_000);
  assert.deepEqual(await bodies(broker.store), ['first', 'second']);
  await broker.close();
});

test('progress is not written before what was delivered is durable', async () => {
  const faulty = new FaultyFileSystem(new MemoryFileSystem());
  const broker = await startDomains({ disk: faulty, flush: 'async' });
  // Between two flushes of the log, which come every half second.
  await broker.time.advance(100);
  await sendDelayed(broker.store, 1, 'hello');
  await broker.time.advance(1000);
  assert.ok(broker.store.durableOffset < broker.store.maxPhysicalOffset);
  assert.equal(broker.delayOffsets.get(1), 1);
  const free = faulty.fail({ operation: 'syncData', lasting: true, path: 'commitlog' });
  await broker.time.advance(30_000);
  assert.equal(faulty.exists('/store/config/delayOffset.json'), false);
  free();
});

function words(word: string): string[] {
  return Array.from({ length: 5 }, (_, index) => word + index);
}

function disk(): Required<Pick<DomainsOptions, 'time' | 'disk'>> & { disk: MemoryFileSystem } {
  const time = new VirtualTime(realScheduler);
  return { time, disk: new MemoryFileSystem(() => time.nowMs()) };
}

/** Turns the event loop, without moving time, until something holds. */
async function settled(time: VirtualTime, holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !holds(); turn++) await time.advance(0);
  assert.ok(holds());
}
