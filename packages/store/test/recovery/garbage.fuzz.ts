/**
 * Random damage to random files of a store: it opens, or says why not; it never hangs, and never
 * serves anything but messages that were sent, each at its own place. SKYLARK_FUZZ_SEED repeats a
 * run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, MemoryFileSystem, MqError, type Prng, randomSeed } from '@skylarkmq/base';
import { decodeRecords } from '@skylarkmq/message';
import { copyTree, imageOf, RecordingFileSystem, readAll, writeAll } from '@skylarkmq/testkit';
import { LogStore } from '../../src/index.ts';
import { crashOptions, DIRECTORY, runWorkload, type Sent, virtualTime } from '../crash-workload.ts';

const ROUNDS = process.env['SKYLARK_SOAK'] === '1' ? 5000 : 200;
const seed = Number(process.env['SKYLARK_FUZZ_SEED'] ?? randomSeed());

/** The same store after a kill and after a stop. */
async function stores(sent: Sent[]): Promise<MemoryFileSystem[]> {
  const disk = new MemoryFileSystem();
  disk.makeDirectory(DIRECTORY);
  const recorder = new RecordingFileSystem(disk, '/');
  const time = virtualTime();
  const store = await LogStore.open(crashOptions(recorder, 'sync', time));
  await runWorkload(store, recorder, time, createPrng(seed), sent, 80);
  await time.advance(600);
  const killed = copyOf(disk);
  await store.close();
  return [killed, disk];
}

function copyOf(disk: MemoryFileSystem): MemoryFileSystem {
  const copy = new MemoryFileSystem();
  copyTree(disk, DIRECTORY, copy, DIRECTORY);
  return copy;
}

/** Does one bad thing to one file; says what. */
function damage(disk: MemoryFileSystem, prng: Prng): string {
  const paths = [...imageOf(disk, DIRECTORY).keys()];
  const path = `${DIRECTORY}/${paths[prng.below(paths.length)]}`;
  const bytes = readAll(disk, path);
  const kind = prng.below(6);
  if (kind === 0 || bytes.length === 0) {
    disk.remove(path);
    return `removed ${path}`;
  }
  if (kind === 1) {
    const size = prng.below(bytes.length * 2);
    disk.open(path, 'rw').truncate(size);
    return `truncated ${path} to ${size}`;
  }
  const at = prng.below(bytes.length);
  const end = Math.min(bytes.length, at + 1 + prng.below(700));
  if (kind === 2) bytes.fill(0, at, end);
  else if (kind === 3) bytes.copy(bytes, prng.below(bytes.length), at, end);
  else for (let i = at; i < end; i += 1) bytes[i] = prng.below(256);
  writeAll(disk, path, bytes);
  return `${['', '', 'zeros', 'a copy', 'noise', 'noise'][kind]} in ${path} from ${at} to ${end}`;
}

async function checkServed(store: LogStore, sent: readonly Sent[]): Promise<number> {
  let served = 0;
  for (const queue of store.queues()) {
    for (let offset = queue.minOffset; offset < queue.maxOffset; ) {
      const result = await store.getMessages(queue, offset, 32, 65_536, null);
      for (const message of decodeRecords(Buffer.concat([...result.slices]))) {
        const one = sent[Number(message.body.toString().split(':')[0])];
        assert.equal(message.body.toString(), one?.body);
        const { topic, queueId, queueOffset } = message;
        assert.deepEqual(
          [topic, queueId, queueOffset],
          [one?.topic, one?.queueId, one?.queueOffset],
        );
        served += 1;
      }
      assert.ok(result.nextBeginOffset > offset, 'every read goes on');
      offset = result.nextBeginOffset;
      result.release();
    }
  }
  return served;
}

test(`a damaged store opens or says why not (SKYLARK_FUZZ_SEED=${seed})`, async (t) => {
  const sent: Sent[] = [];
  const disks = await stores(sent);
  const prng = createPrng(seed + 1);
  let refused = 0;
  let complete = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const disk = copyOf(disks[round % 2] ?? new MemoryFileSystem());
    const done: string[] = [];
    for (let i = prng.below(3); i >= 0; i -= 1) done.push(damage(disk, prng));
    const what = `seed ${seed}, round ${round}: ${done.join('; ')}`;
    try {
      const store = await LogStore.open(crashOptions(disk, 'sync', virtualTime()));
      if ((await checkServed(store, sent)) === sent.length) complete += 1;
      const put = await store.put({ topic: 'After', queueId: 0, body: Buffer.from('x') });
      assert.equal(put.status, 'OK', what);
      await store.close();
    } catch (error) {
      // Files that are longer than they can be are another configuration's: not for us to cut.
      assert.ok(error instanceof MqError, `${what}: ${error}`);
      assert.match(error.message, /the configured size is|configured are/, what);
      refused += 1;
    }
  }
  t.diagnostic(`${ROUNDS} stores: ${complete} complete, ${refused} refused`);
  assert.ok(complete > ROUNDS / 4 && refused < ROUNDS / 4);
});
