/**
 * Power cuts while timers are noted: whatever of the unsynced writes survives, the checkpoint's
 * entries are there, and with what is read again from the queue each message is there once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPrng,
  type FileSystem,
  MemoryFileSystem,
  type Prng,
  randomSeed,
  silentLogger,
} from '@skylarkmq/base';
import { CrashDisk, RecordingFileSystem } from '@skylarkmq/testkit';
import { type NewTimer, TimerIndex } from '../../src/timer/timer-index.ts';
import { TimerMagic, timerSecond } from '../../src/timer/timer-unit.ts';

const NOW_MS = 1_800_000_000_000;
const SECONDS = 40;
const TIMERS = 120;
const STATES = process.env['SKYLARK_SOAK'] === '1' ? 4000 : 40;
const SEED = Number(process.env['TIMER_CRASH_SEED'] ?? randomSeed());
const DURABLE = async (): Promise<void> => undefined;

function open(fileSystem: FileSystem): Promise<TimerIndex> {
  return TimerIndex.open({
    ...{ fileSystem, directory: '/store', logger: silentLogger, logFileBytes: 52 * 50 + 30 },
    queueRange: { min: 0, max: TIMERS },
    queueOffsetOf: async (physicalOffset) => physicalOffset,
  });
}

/** Message `offset` of the queue; its place in the log is the same number. */
function timer(offset: number, prng: Prng): NewTimer {
  const outMs = NOW_MS + prng.below(SECONDS * 1000);
  const more = { recordBytes: 100, topicHash: offset, writeMs: NOW_MS - 1 };
  return { magic: TimerMagic.Default, outMs, physicalOffset: offset, ...more };
}

function noted(index: TimerIndex): number[] {
  const found: number[] = [];
  const first = timerSecond(NOW_MS);
  for (let at = first; ; ) {
    const second = index.next(at, first + SECONDS + 1);
    if (second === undefined) break;
    for (const unit of index.chain(second)) found.push(unit.physicalOffset);
    at = second + 1;
  }
  return found.sort((a, b) => a - b);
}

test(`each message is noted once after a power cut (TIMER_CRASH_SEED=${SEED})`, async () => {
  const prng = createPrng(SEED);
  const disk = new MemoryFileSystem();
  disk.makeDirectory('/store');
  const recorder = new RecordingFileSystem(disk, '/');
  const timers = Array.from({ length: TIMERS }, (_, offset) => timer(offset, prng));
  const index = await open(recorder);
  for (const [offset, one] of timers.entries()) {
    index.add(one);
    const choice = prng.below(12);
    if (choice > 1) continue;
    const progress = { queueOffset: offset + 1, doneMs: NOW_MS - 1 };
    await index.save(progress, choice === 0, 60_000, DURABLE);
  }
  const { trace } = recorder;
  for (let state = 0; state < STATES; state++) {
    const cutAt = prng.below(trace.operations.length + 1);
    const crash = new CrashDisk(trace, cutAt);
    const choices = [...crash.choices(prng, 8)];
    const choice = choices[prng.below(choices.length)];
    assert.ok(choice !== undefined);
    const name = `TIMER_CRASH_SEED=${SEED} state ${state} cut ${cutAt} ${choice.name}`;
    const after = crash.build(choice);
    if (!after.exists('/store')) after.makeDirectory('/store');
    const again = await open(after);
    for (const [offset, one] of timers.entries()) if (offset >= again.startOffset) again.add(one);
    assert.deepEqual(noted(again), [...timers.keys()], name);
    again.close();
  }
  index.close();
});

test(`a power cut in a stop loses and repeats nothing (TIMER_CRASH_SEED=${SEED})`, async () => {
  const prng = createPrng(SEED);
  const disk = new MemoryFileSystem();
  disk.makeDirectory('/store');
  const recorder = new RecordingFileSystem(disk, '/');
  const timers = Array.from({ length: TIMERS }, (_, offset) => timer(offset, prng));
  const index = await open(recorder);
  // Half of them is on disk when the stop begins, or all.
  for (const one of timers) {
    index.add(one);
    if (one.physicalOffset !== TIMERS / 2 && prng.below(40) > 0) continue;
    const queueOffset = one.physicalOffset + 1;
    await index.save({ queueOffset, doneMs: NOW_MS - 1 }, true, 60_000, DURABLE);
  }
  const doneMs = NOW_MS + prng.below((SECONDS / 2) * 1000);
  const beforeStop = recorder.trace.operations.length;
  index.trim(timerSecond(doneMs + 1), ({ outMs }) => outMs > doneMs);
  await index.save({ queueOffset: TIMERS, doneMs }, true, 60_000, DURABLE);
  const { trace } = recorder;
  const wanted = [...timers.keys()].filter((offset) => (timers[offset]?.outMs ?? 0) > doneMs);
  for (let state = 0; state < STATES; state++) {
    const cutAt = beforeStop + prng.below(trace.operations.length + 1 - beforeStop);
    const crash = new CrashDisk(trace, cutAt);
    const choices = [...crash.choices(prng, 8)];
    const choice = choices[prng.below(choices.length)];
    assert.ok(choice !== undefined);
    const name = `TIMER_CRASH_SEED=${SEED} state ${state} cut ${cutAt} ${choice.name}`;
    const again = await open(crash.build(choice));
    assert.ok(!again.isRebuilt, name);
    for (const [offset, one] of timers.entries()) if (offset >= again.startOffset) again.add(one);
    const found = noted(again).filter((offset) => wanted.includes(offset));
    assert.deepEqual(found, wanted, name);
    again.close();
  }
  index.close();
});
