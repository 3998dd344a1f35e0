/** A small store with virtual time, for tests of its parts. */
import {
  createPrng,
  type FileSystem,
  MemoryFileSystem,
  realClock,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import { decodeRecords, encodeHost, encodeProperties } from '@skylarkmq/message';
import {
  AppendRequest,
  type LogStore,
  type PutStatus,
  type QueueHandle,
  type StoreOptions,
} from '../src/index.ts';

export const HOST: Buffer = encodeHost('127.0.0.1:10911');

/** Options of a small store under /store. `time` is a new virtual time unless given. */
export function smallOptions(
  fileSystem: FileSystem,
  more: Partial<StoreOptions> = {},
): StoreOptions {
  const time = virtualTime();
  return {
    directory: '/store',
    fileSystem,
    clock: time,
    scheduler: time,
    logger: silentLogger,
    prng: createPrng(1),
    storeHost: HOST,
    flush: 'sync',
    commitLogFileBytes: 65536,
    consumeQueueFileBytes: 6000,
    indexSlots: 500,
    indexEntries: 2000,
    ...more,
  };
}

export function virtualTime(): VirtualTime {
  return new VirtualTime(realScheduler);
}

export function memoryDisk(): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  disk.makeDirectory('/store');
  return disk;
}

/** A request to append `body` to a queue, with properties. */
export function requestFor(
  queue: QueueHandle,
  body: string | Buffer,
  properties: Iterable<readonly [string, string]> = [],
): AppendRequest {
  const request = new AppendRequest();
  request.queue = queue;
  request.bornHost = HOST;
  request.body = Buffer.from(body);
  request.bodyEnd = request.body.length;
  request.properties = encodeProperties(properties);
  request.propertiesEnd = request.properties.length;
  request.scan.scan(request.properties, 0, request.propertiesEnd);
  return request;
}

/** Appends; resolves with what the completion says, or at once with a refusal. */
export function append(store: LogStore, request: AppendRequest): Promise<PutStatus> {
  return new Promise((resolve) => {
    request.completion = { completed: resolve };
    const status = store.append(request);
    if (status !== 'OK') resolve(status);
  });
}

/** All bodies of a queue as text. */
export async function bodiesOf(store: LogStore, topic: string, queueId = 0): Promise<string[]> {
  const queue = store.findQueue(topic, queueId);
  const bodies: string[] = [];
  if (queue === undefined) return bodies;
  for (let offset = queue.minOffset; offset < queue.maxOffset; ) {
    const result = await store.getMessages(queue, offset, 32, 1 << 20, null);
    for (const message of decodeRecords(Buffer.concat([...result.slices]))) {
      bodies.push(message.body.toString());
    }
    offset = result.nextBeginOffset;
    result.release();
  }
  return bodies;
}

/** Waits until `condition` holds, one turn of the event loop at a time; throws after minutes. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = realClock.monotonicMs() + 120_000;
  while (!condition()) {
    if (realClock.monotonicMs() > deadlineMs) throw new Error(`Never: ${what}`);
    await new Promise<void>((resolve) => realScheduler.immediate(resolve));
  }
}
