/** Messages for a time: never early, at their millisecond, once, through restarts and kills. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPrng,
  MemoryFileSystem,
  randomSeed,
  realScheduler,
  VirtualTime,
} from '@skylarkmq/base';
import { PropertyName, SystemTopic } from '@skylarkmq/message';
import { messagesOf } from '../domains.ts';
import { killedDisk } from '../killed-disk.ts';
import { TimerBroker } from './timer-broker.ts';

const DAY_MS = 24 * 3600_000;

const seed = Number(process.env['SEED'] ?? randomSeed());

test(`every message comes at its millisecond (SEED=${seed})`, async () => {
  const prng = createPrng(seed);
  const broker = await TimerBroker.start();
  const due = new Map<string, number>();
  for (let index = 0; index < 300; index++) {
    const dueMs = broker.time.nowMs() + 1 + prng.below(prng.below(4) === 0 ? 7_200_000 : 5000);
    due.set(String(index), dueMs);
    await broker.sendAt(String(index), dueMs);
    if (prng.below(10) === 0) await broker.advance(prng.below(900));
  }
  await broker.advance(7_300_000);
  const found = await broker.delivered();
  assert.equal(found.length, 300, `seed ${seed}`);
  for (const { text, atMs } of found) {
    // The one millisecond of a thousand that only Apache's cut times end with goes to the next.
    const wanted = due.get(text) ?? 0;
    const late = wanted % 1000 === 1 ? 1 : 0;
    assert.ok(atMs === wanted || atMs === wanted + late, `seed ${seed}: ${text} ${atMs - wanted}`);
  }
  assert.deepEqual(broker.timers.metrics(), broker.timers.metrics());
  assert.equal(broker.timers.figures().pending, 0);
  await broker.close();
});

test('seconds win over milliseconds, these over the time; what is past comes at once', async () => {
  const broker = await TimerBroker.start();
  const nowMs = broker.time.nowMs();
  await broker.send('s', ['TIMER_DELAY_SEC', '2'], ['TIMER_DELAY_MS', '9000']);
  await broker.send('ms', ['TIMER_DELAY_MS', '3000'], ['TIMER_DELIVER_MS', String(nowMs + 9000)]);
  await broker.send('past', ['TIMER_DELIVER_MS', String(nowMs - 1)]);
  await broker.send('had', ['TIMER_DELAY_SEC', '2'], ['TIMER_OUT_MS', '1']);
  await broker.advance(4000);
  const texts = (await broker.delivered()).map(({ text, atMs }) => `${text} ${atMs - nowMs}`);
  assert.deepEqual(texts, ['past 0', 'had 0', 's 2000', 'ms 3000']);
  await broker.close();
});

test('consumers see the message with its own topic and the official property set', async () => {
  const broker = await TimerBroker.start();
  const nowMs = broker.time.nowMs();
  await broker.send('k', ['TIMER_DELAY_MS', '1500'], ['TAGS', 'A']);
  await broker.advance(1500);
  const [message] = await messagesOf(broker.store, 'T', 0);
  const { '__CRC32#': crc, ...properties } = Object.fromEntries(message?.properties ?? []);
  assert.equal(crc?.length, 10);
  assert.deepEqual(properties, {
    UNIQ_KEY: 'k',
    TIMER_DELAY_MS: '1500',
    TAGS: 'A',
    TIMER_OUT_MS: String(nowMs + 1499),
    REAL_TOPIC: 'T',
    REAL_QID: '0',
    TIMER_ENQUEUE_MS: String(nowMs),
    TIMER_DEQUEUE_MS: String(nowMs + 1500),
  });
  await broker.close();
});

test('a clean restart in the middle of a second delivers nothing twice', async () => {
  let broker = await TimerBroker.start();
  const nowMs = broker.time.nowMs();
  for (let index = 0; index < 40; index++)
    await broker.sendAt(`${index}`, nowMs + 100 * index + 50);
  for (let step = 0; step < 9; step++) {
    await broker.advance(450);
    broker = await broker.restart();
  }
  await broker.advance(1000);
  const texts = (await broker.delivered()).map(({ text }) => text);
  assert.deepEqual(
    texts,
    Array.from({ length: 40 }, (_, index) => String(index)),
  );
  await broker.close();
});

test('after a kill nothing is lost, and what came since the last save comes again', async () => {
  let broker = await TimerBroker.start();
  const nowMs = broker.time.nowMs();
  for (let index = 0; index < 50; index++)
    await broker.sendAt(`${index}`, nowMs + 200 * index + 50);
  await broker.advance(5000);
  const before = (await broker.delivered()).length;
  broker = await broker.killAndRestart();
  await broker.advance(6000);
  const texts = (await broker.delivered()).map(({ text }) => text);
  assert.equal(new Set(texts).size, 50);
  assert.ok(texts.length - 50 <= 10, `${texts.length - 50} twice of ${before}`);
  await broker.close();
});

test('a far time is stored again before retention takes it, and comes at its time', async () => {
  const broker = await TimerBroker.start();
  const dueMs = broker.time.nowMs() + 30 * DAY_MS + 7;
  await broker.sendAt('far', dueMs);
  await broker.advance(30 * DAY_MS + 6);
  assert.deepEqual(await broker.delivered(), []);
  const queued = broker.queued;
  assert.ok(queued >= 20 && queued < 35, `${queued} times in the queue`);
  await broker.advance(1);
  assert.deepEqual(await broker.delivered(), [{ text: 'far', atMs: dueMs }]);
  const [message] = await messagesOf(broker.store, 'T', 0);
  assert.equal(message?.properties.get(PropertyName.TimerRollTimes), String(queued - 1));
  await broker.close();
});

test('what fell due while nobody ran comes at the start; after two weeks, too', async () => {
  for (const downMs of [60_000, 20 * DAY_MS]) {
    const first = await TimerBroker.start();
    const nowMs = first.time.nowMs();
    for (let index = 0; index < 200; index++)
      await first.sendAt(`${index}`, nowMs + 5000 + index * 61);
    await first.advance(100);
    await first.close();
    const time = new VirtualTime(realScheduler, nowMs + downMs);
    const broker = await TimerBroker.start({ time, disk: first.disk });
    await broker.sendAt('new', time.nowMs() + 1000);
    await broker.advance(2000);
    const texts = (await broker.delivered()).map(({ text }) => text);
    assert.equal(texts.length, 201);
    assert.equal(texts[0], '0');
    assert.equal(texts[200], 'new');
    await broker.close();
  }
});

test('log and wheel are built again when they are lost or damaged', async () => {
  for (const harm of ['timerwheel', 'timerlog', 'bytes']) {
    const first = await TimerBroker.start();
    const nowMs = first.time.nowMs();
    for (let index = 0; index < 60; index++) {
      await first.sendAt(`${index}`, nowMs + (index < 20 ? 100 + index : 300_000 + index * 50));
    }
    await first.advance(200_000);
    await first.close();
    const disk = killedDisk(first.disk);
    if (harm === 'bytes') {
      const path = `/store/timerlog/${disk.list('/store/timerlog')[0] ?? ''}`;
      disk.open(path, 'rw').writeSync(Buffer.alloc(52 * 60, 7), 0, 52 * 60, 0);
    } else disk.remove(`/store/${harm}`);
    const time = new VirtualTime(realScheduler, first.time.nowMs());
    const broker = await TimerBroker.start({ time, disk });
    await broker.advance(200_000);
    const texts = (await broker.delivered()).map(({ text }) => text);
    assert.equal(texts.length, 60, `${harm}: ${texts.join()}`);
    await broker.close();
  }
});

test('the switches hold everything up and let it go on', async () => {
  const broker = await TimerBroker.start();
  broker.settings = { ...broker.settings, timerStopDequeue: true };
  await broker.send('held', ['TIMER_DELAY_MS', '100']);
  await broker.time.advance(5000);
  assert.deepEqual(await broker.delivered(), []);
  broker.settings = { ...broker.settings, timerStopDequeue: false, timerStopEnqueue: true };
  await broker.send('stopped', ['TIMER_DELAY_MS', '100']);
  await broker.time.advance(3000);
  assert.deepEqual(
    (await broker.delivered()).map(({ text }) => text),
    ['held'],
  );
  broker.settings = { ...broker.settings, timerStopEnqueue: false };
  await broker.time.advance(3000);
  assert.deepEqual(
    (await broker.delivered()).map(({ text }) => text),
    ['held', 'stopped'],
  );
  await broker.close();
});

test('a message of the timer queue without a time is passed over', async () => {
  const broker = await TimerBroker.start();
  await broker.store.put({ topic: SystemTopic.Timer, queueId: 0, body: Buffer.from('odd') });
  await broker.send('good', ['TIMER_DELAY_MS', '100']);
  await broker.advance(100);
  assert.deepEqual(
    (await broker.delivered()).map(({ text }) => text),
    ['good'],
  );
  await broker.close();
});

test('without timers no file is made', async () => {
  const disk = new MemoryFileSystem();
  const broker = await TimerBroker.start({ disk });
  await broker.advance(DAY_MS);
  await broker.close();
  assert.equal(disk.exists('/store/timerwheel'), false);
  assert.equal(disk.exists('/store/config/timercheck'), false);
});
