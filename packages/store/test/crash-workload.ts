/** A workload on a recorded disk, and the check of what a power cut left of it. */
import assert from 'node:assert/strict';
import {
  createPrng,
  type FileSystem,
  type MemoryFileSystem,
  type Prng,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import { decodeRecords, encodeHost, encodeProperties } from '@skylarkmq/message';
import type { RecordingFileSystem } from '@skylarkmq/testkit';
import {
  AppendRequest,
  type FlushMode,
  GetStatus,
  LogStore,
  PutStatus,
  type QueueHandle,
  type RetentionOptions,
  type StoreOptions,
} from '../src/index.ts';

export const DIRECTORY = '/store';
const HOST = encodeHost('127.0.0.1:10911');
const TOPICS = ['Orders', 'Payments'];
const QUEUES = 2;
const EVERY_HOUR = [...Array(24).keys()].map((hour) => String(hour).padStart(2, '0')).join(';');
const NEVER: RetentionOptions = { deleteWhen: 'never', diskWarningRatio: 2 };
/** Files in memory count as very old: each round leaves only the last one. */
export const ALWAYS: RetentionOptions = { deleteWhen: EVERY_HOUR, diskWarningRatio: 2 };

/** What was sent, and where the store said that it went. */
export interface Sent {
  readonly id: number;
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly body: string;
}

export function crashOptions(
  fileSystem: FileSystem,
  flush: FlushMode,
  time: VirtualTime,
): StoreOptions {
  return {
    directory: DIRECTORY,
    fileSystem,
    clock: time,
    scheduler: time,
    logger: silentLogger,
    prng: createPrng(1),
    storeHost: HOST,
    flush,
    commitLogFileBytes: 8192,
    consumeQueueFileBytes: 400,
    indexSlots: 40,
    indexEntries: 120,
    maxMessageBytes: 4096,
    // Few, so that units of some queues are in the snapshot only.
    queueSyncsMax: 1,
    retention: NEVER,
  };
}

export function virtualTime(): VirtualTime {
  return new VirtualTime(realScheduler);
}

/** Appends `count` messages in groups; notes each acknowledgement in the recording. */
export async function runWorkload(
  store: LogStore,
  recorder: RecordingFileSystem,
  time: VirtualTime,
  prng: Prng,
  sent: Sent[],
  count: number,
): Promise<void> {
  const request = new AppendRequest();
  for (let left = count; left > 0; ) {
    const group = Math.min(left, 1 + prng.below(6));
    left -= group;
    const waiting: Promise<void>[] = [];
    for (let i = 0; i < group; i += 1) {
      waiting.push(appendOne(store, recorder, request, prng, sent));
    }
    await Promise.all(waiting);
    const pause = prng.below(10);
    if (pause < 5) await time.advance(600);
    else if (pause === 5) await time.advance(31_000);
    else if (pause === 6) await time.advance(61_000);
  }
}

function appendOne(
  store: LogStore,
  recorder: RecordingFileSystem,
  request: AppendRequest,
  prng: Prng,
  sent: Sent[],
): Promise<void> {
  const id = sent.length;
  const topic = TOPICS[prng.below(TOPICS.length)] ?? '';
  const body = `${id}:${'b'.repeat(20 + prng.below(600))}`;
  request.queue = store.queue(topic, prng.below(QUEUES));
  request.bornHost = HOST;
  request.body = Buffer.from(body);
  request.bodyEnd = request.body.length;
  request.properties = encodeProperties([
    ['UNIQ_KEY', `unique${id}`],
    ['TAGS', `tag${id % 3}`],
  ]);
  request.propertiesEnd = request.properties.length;
  request.scan.scan(request.properties, 0, request.propertiesEnd);
  return new Promise((resolve, reject) => {
    request.completion = {
      completed(status) {
        if (status === PutStatus.Ok) recorder.mark('ack', id);
        if (status === PutStatus.Ok) resolve();
        else reject(new Error(status));
      },
    };
    const status = store.append(request);
    assert.equal(status, PutStatus.Ok);
    const { queueOffset, physicalOffset, queue } = request;
    sent.push({ id, topic, queueId: queue?.queueId ?? 0, queueOffset, physicalOffset, body });
  });
}

export interface CrashExpectation {
  readonly flush: FlushMode;
  readonly sent: readonly Sent[];
  /** How many of the first messages must be there. */
  readonly durable: number;
  /** What lies before this offset of the log may have been removed by retention. */
  readonly removedBefore: number;
}

/** Opens what is left and checks it; returns how many messages are there. */
export async function checkCrash(
  disk: MemoryFileSystem,
  expectation: CrashExpectation,
  open: (options: StoreOptions) => Promise<LogStore> = LogStore.open,
): Promise<number> {
  const { flush, sent, durable, removedBefore } = expectation;
  const store = await open(crashOptions(disk, flush, virtualTime()));
  try {
    assert.deepEqual(
      store.recovery.damaged.filter((range) => range.quarantine === null),
      [],
      'nothing before the end is damaged',
    );
    assert.ok(store.minPhysicalOffset <= removedBefore, 'only what is old was removed');
    const count = await readAllQueues(store, sent, removedBefore);
    assert.ok(count >= durable, `${count} messages are there, ${durable} must be`);
    const kept = sent.slice(0, count).filter((one) => one.physicalOffset >= removedBefore);
    await checkIndex(store, kept);
    const { status } = await appended(store);
    assert.equal(status, PutStatus.Ok);
    return count;
  } finally {
    await store.close();
  }
}

async function appended(store: LogStore): Promise<{ status: PutStatus }> {
  return store.put({ topic: 'After', queueId: 0, body: Buffer.from('after') });
}

/**
 * Every queue has exactly its part of the first n messages, in order. Returns n. Those before
 * `removedBefore` may be gone, or back.
 */
async function readAllQueues(
  store: LogStore,
  sent: readonly Sent[],
  removedBefore: number,
): Promise<number> {
  const found = new Set<number>();
  for (const handle of store.queues()) {
    const bodies = await readQueue(store, handle);
    const expected = sent.filter(
      (one) => one.topic === handle.topic && one.queueId === handle.queueId,
    );
    assert.ok(handle.maxOffset <= expected.length, 'no message that was never sent');
    for (const [i, body] of bodies.entries()) {
      const offset = handle.minOffset + i;
      const one = expected[offset];
      assert.equal(one?.body, body, `${handle.topic}-${handle.queueId} offset ${offset}`);
      assert.equal(one.queueOffset, offset);
      found.add(one.id);
    }
  }
  const removed = sent.filter((one) => one.physicalOffset < removedBefore).length;
  const count = removed + [...found].filter((id) => id >= removed).length;
  for (let id = removed; id < count; id += 1) assert.ok(found.has(id), `message ${id} is there`);
  return count;
}

async function readQueue(store: LogStore, queue: QueueHandle): Promise<string[]> {
  const bodies: string[] = [];
  for (let offset = queue.minOffset; offset < queue.maxOffset; ) {
    const result = await store.getMessages(queue, offset, 32, 65536, null);
    assert.equal(result.status, GetStatus.Found, `${queue.topic}-${queue.queueId} at ${offset}`);
    for (const message of decodeRecords(Buffer.concat([...result.slices]))) {
      bodies.push(message.body.toString());
    }
    offset = result.nextBeginOffset;
    result.release();
  }
  assert.equal(bodies.length, queue.maxOffset - queue.minOffset, 'a message for each offset');
  return bodies;
}

async function checkIndex(store: LogStore, sent: readonly Sent[]): Promise<void> {
  for (const one of sent) {
    const key = `unique${one.id}`;
    const found = await store.queryMessages(one.topic, key, 2, 0, Number.MAX_SAFE_INTEGER, 'uniq');
    assert.equal(found.records.length, 1, `${key} is in the index once`);
  }
}
