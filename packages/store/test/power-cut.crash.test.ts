/**
 * A power cut at every point of a recorded run: whatever of the open writes made it to the disk, an
 * acknowledged message (SYNC flush) is there, and the rest is an exact beginning of what was sent.
 * 2,400 states, with SKYLARK_SOAK=1 20,000.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, type FileSystem, MemoryFileSystem, randomSeed } from '@skylarkmq/base';
import { CrashDisk, imageOf, RecordingFileSystem, type Trace } from '@skylarkmq/testkit';
import { type FlushMode, LogStore, type StoreOptions } from '../src/index.ts';
import { withoutSync } from './broken-disk.ts';
import {
  ALWAYS,
  checkCrash,
  crashOptions,
  DIRECTORY,
  runWorkload,
  type Sent,
  virtualTime,
} from './crash-workload.ts';

const STATES = process.env['SKYLARK_SOAK'] === '1' ? 20_000 : 2400;
const MESSAGES = 60;
const LOG_FILE_BYTES = 8192;
const seed = Number(process.env['SKYLARK_CRASH_SEED'] ?? randomSeed());

interface Recording {
  readonly trace: Trace;
  readonly sent: readonly Sent[];
  readonly flush: FlushMode;
  /** The disk as the run left it, without a clean stop at the end. */
  readonly disk: MemoryFileSystem;
}

/** A run with a clean stop in the middle and none at the end. */
async function record(
  flush: FlushMode,
  broken: (fileSystem: FileSystem) => FileSystem = (same) => same,
  more: Partial<StoreOptions> = {},
  lastPauseMs = 0,
): Promise<Recording> {
  const disk = new MemoryFileSystem();
  disk.makeDirectory('/store');
  const recorder = new RecordingFileSystem(disk, '/');
  const sent: Sent[] = [];
  const prng = createPrng(seed);
  const time = virtualTime();
  const fileSystem = broken(recorder);
  const options = { ...crashOptions(fileSystem, flush, time), ...more };
  const first = await LogStore.open(options);
  await runWorkload(first, recorder, time, prng, sent, MESSAGES / 2);
  await first.close();
  const second = await LogStore.open(options);
  await runWorkload(second, recorder, time, prng, sent, MESSAGES / 2);
  if (lastPauseMs > 0) await time.advance(lastPauseMs);
  const length = recorder.length;
  const trace = { ...recorder.trace, operations: recorder.trace.operations.slice(0, length) };
  await second.close();
  return { trace, sent, flush, disk };
}

/** With SYNC flush: what was acknowledged before the cut. */
function acknowledged(recording: Recording, cutAt: number): number {
  if (recording.flush === 'async') return 0;
  const { operations } = recording.trace;
  return operations.slice(0, cutAt).filter((one) => one.kind === 'mark').length;
}

/** Retention may have removed what lies before this: the end of the newest file that it removed. */
function removedBefore({ trace }: Recording, cutAt: number): number {
  const ends = trace.operations.slice(0, cutAt).map((one) => {
    const isLog = one.kind === 'remove' && one.path.includes('/commitlog/');
    return isLog ? Number(one.path.slice(-20)) + LOG_FILE_BYTES : 0;
  });
  return Math.max(0, ...ends);
}

/** Tries `states` states spread over the whole trace; returns how many. */
async function tryStates(recording: Recording, states: number): Promise<number> {
  const prng = createPrng(seed + 1);
  const cuts = recording.trace.operations.length;
  let tried = 0;
  for (let cutAt = 0; cutAt <= cuts; cutAt += 1) {
    const disk = new CrashDisk(recording.trace, cutAt);
    const choices = [...disk.choices(prng, 8)];
    const wanted = Math.max(1, Math.round(((cutAt + 1) / (cuts + 1)) * states) - tried);
    const durable = acknowledged(recording, cutAt);
    const removed = removedBefore(recording, cutAt);
    const expectation = { ...recording, durable, removedBefore: removed };
    for (const choice of pick(choices, wanted, prng.below(choices.length))) {
      tried += 1;
      try {
        await checkCrash(disk.build(choice), expectation);
      } catch (error) {
        throw new Error(`Seed ${seed}, cut at ${cutAt}, ${choice.name}: ${error}`, {
          cause: error,
        });
      }
    }
  }
  return tried;
}

/** The first two (nothing, everything) in turn with others, `count` in all. */
function pick<T>(all: readonly T[], count: number, from: number): T[] {
  if (count >= all.length) return [...all];
  const picked: T[] = [];
  const step = all.length / count;
  for (let i = 0; i < count; i += 1) {
    const one = all[Math.floor(from + i * step) % all.length];
    if (one !== undefined) picked.push(one);
  }
  return picked;
}

for (const flush of ['sync', 'async'] as const) {
  test(`${flush}: every power cut is recovered (SKYLARK_CRASH_SEED=${seed})`, async (t) => {
    const recording = await record(flush);
    const began = process.hrtime.bigint();
    const tried = await tryStates(recording, STATES / 2);
    const ms = Number(process.hrtime.bigint() - began) / 1e6;
    const { length } = recording.trace.operations;
    t.diagnostic(`${tried} states of ${length} operations in ${Math.round(ms)} ms`);
  });
}

test(`queues, all synced or none, are recovered (SKYLARK_CRASH_SEED=${seed})`, async (t) => {
  for (const queueSyncsMax of [512, 0]) {
    const recording = await record('async', (same) => same, { queueSyncsMax });
    t.diagnostic(`${await tryStates(recording, STATES / 4)} states, ${queueSyncsMax} syncs`);
  }
});

test(`retention that was cut is recovered (SKYLARK_CRASH_SEED=${seed})`, async (t) => {
  // Some workloads pause only while there is one file: the last pause has a round of retention.
  const recording = await record('sync', (same) => same, { retention: ALWAYS }, 61_000);
  const end = recording.trace.operations.length;
  assert.ok(removedBefore(recording, end) > 0, 'files were removed');
  t.diagnostic(`${await tryStates(recording, STATES / 4)} states of ${end} operations`);
});

test('the test sees a store whose fsync does nothing', async () => {
  const recording = await record('sync', withoutSync);
  await assert.rejects(tryStates(recording, STATES / 8), /^Error: Seed/);
});

test(`a power cut during recovery is recovered as well (SKYLARK_CRASH_SEED=${seed})`, async (t) => {
  const recording = await record('sync');
  const prng = createPrng(seed + 2);
  const cuts = recording.trace.operations.length;
  let tried = 0;
  while (tried < STATES / 8) {
    const cutAt = 1 + prng.below(cuts);
    const disk = new CrashDisk(recording.trace, cutAt);
    const [choice] = pick([...disk.choices(prng, 8)], 1, prng.below(1000));
    if (choice === undefined) continue;
    const durable = acknowledged(recording, cutAt);
    const removed = removedBefore(recording, cutAt);
    const expectation = { ...recording, durable, removedBefore: removed };
    const recorder = new RecordingFileSystem(disk.build(choice), '/');
    await LogStore.open(crashOptions(recorder, 'sync', virtualTime()));
    const { trace } = recorder;
    for (let again = 0; again < 10; again += 1) {
      const at = prng.below(trace.operations.length + 1);
      const second = new CrashDisk(trace, at);
      const [next] = pick([...second.choices(prng, 8)], 1, prng.below(1000));
      if (next === undefined) continue;
      tried += 1;
      try {
        await checkCrash(second.build(next), expectation);
      } catch (error) {
        const where = `cut at ${cutAt}, ${choice.name}, again at ${at}, ${next.name}`;
        throw new Error(`Seed ${seed}, ${where}: ${error}`, { cause: error });
      }
    }
  }
  t.diagnostic(`${tried} states`);
});

test(`recovering twice gives the same bytes (SKYLARK_CRASH_SEED=${seed})`, async () => {
  const recording = await record('sync');
  const prng = createPrng(seed + 3);
  for (let round = 0; round < 60; round += 1) {
    const disk = new CrashDisk(recording.trace, 1 + prng.below(recording.trace.operations.length));
    const [choice] = pick([...disk.choices(prng, 8)], 1, prng.below(1000));
    if (choice === undefined) continue;
    const recorder = new RecordingFileSystem(disk.build(choice), '/');
    const first = await LogStore.open(crashOptions(recorder, 'sync', virtualTime()));
    // After a clean stop units of the snapshot are written later, when there is time.
    if (first.recovery.clean) continue;
    const before = derivedAndLog(recorder);
    const left = new CrashDisk(recorder.trace, recorder.length);
    const all = { name: 'all', entriesKept: left.openEntries, keptBytes: () => Infinity };
    const again = left.build(all);
    await LogStore.open(crashOptions(again, 'sync', virtualTime()));
    assert.deepEqual(derivedAndLog(again), before, `${choice.name}, seed ${seed}`);
  }
});

function derivedAndLog(disk: MemoryFileSystem | RecordingFileSystem): [string, string][] {
  return [...imageOf(disk, DIRECTORY)]
    .filter(([path]) => path.startsWith('commitlog') || path.startsWith('consumequeue'))
    .map(([path, bytes]): [string, string] => [path, bytes.toString('base64')]);
}
