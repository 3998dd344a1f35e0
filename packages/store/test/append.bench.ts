/**
 * By hand: `node --import tsx --conditions=@skylarkmq/source packages/store/test/append.bench.ts
 * [--flush sync|async] [--messages n] [--batch n] [--topics n] [--directory path]`. Cost of an
 * append of 1 KiB with everything that belongs to it (record, checksums, write, consume queue,
 * index), of pulls of 32 from the tail, of a clean stop and of the start after it.
 */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { realClock, realFileSystem } from '@skylarkmq/base';
import { BatchScan, encodeBatch, encodeHost, encodeProperties } from '@skylarkmq/message';
import { AppendRequest, LogStore, type QueueHandle } from '../src/index.ts';
import { realOptions } from './real-store.ts';

const { values } = parseArgs({
  options: {
    flush: { type: 'string', default: 'async' },
    messages: { type: 'string', default: '300000' },
    batch: { type: 'string', default: '1' },
    topics: { type: 'string', default: '1' },
    directory: { type: 'string', default: `${tmpdir()}/skylark-append-bench` },
  },
});
const total = Number(values.messages);
const batchSize = Number(values.batch);
const topics = Number(values.topics);
/** Appends in flight: as many messages as four connections with 32 each, or four batches. */
const IN_FLIGHT = Math.max(4, 128 / batchSize);
const PROPERTIES_KEPT = 4096;

const options = realOptions(values.directory, {
  flush: values.flush === 'sync' ? 'sync' : 'async',
});

const body = Buffer.alloc(1024, 'x');
const pool = [...Array(PROPERTIES_KEPT).keys()].map(uniqueProperties);
const batches = [...Array(8).keys()].map((n) =>
  encodeBatch(
    [...Array(batchSize).keys()].map((part) => {
      const properties = pool[(n * batchSize + part) % PROPERTIES_KEPT] ?? body;
      return { flag: 0, body, properties };
    }),
  ),
);

realFileSystem.remove(options.directory);
const store = await LogStore.open(options);
const queues: QueueHandle[] = [];
for (let topic = 0; topic < topics; topic += 1) {
  for (let id = 0; id < 4; id += 1) queues.push(store.queue(`BenchTopic${topic}`, id));
}
// Making the files of a queue costs once what some ten messages cost.
for (const queue of queues) {
  const { topic, queueId } = queue;
  void store.put({ topic, queueId, body, waitForDurable: false });
  if (queueId === 3) await new Promise((resolve) => setImmediate(resolve));
}
await store.flush();
await measureAppends();
measurePulls();
print(`rss ${(process.memoryUsage().rss / 1048576).toFixed(0)} MiB`);
await measureRestart();
realFileSystem.remove(options.directory);

function uniqueProperties(n: number): Buffer {
  return encodeProperties([
    ['UNIQ_KEY', n.toString(16).toUpperCase().padStart(32, '7F')],
    ['WAIT', 'true'],
    ['TAGS', 'TagA'],
    ['CLUSTER', 'DefaultCluster'],
    ['MSG_REGION', 'DefaultRegion'],
    ['TRACE_ON', 'true'],
  ]);
}

async function measureAppends(): Promise<void> {
  const request = new AppendRequest();
  request.bornHost = encodeHost('127.0.0.1:50000');
  request.body = body;
  request.bodyEnd = body.length;
  const scan = new BatchScan();
  let sent = 0;
  let done = 0;
  const cpuBefore = process.cpuUsage();
  const before = realClock.monotonicMs();
  await new Promise<void>((resolve) => {
    let pumping = false;
    const completion = {
      completed(): void {
        done += batchSize;
        if (done >= total) resolve();
        else if (sent - done < IN_FLIGHT * batchSize * 0.75) pump();
      },
    };
    const pump = (): void => {
      if (pumping) return;
      pumping = true;
      setImmediate(() => {
        pumping = false;
        while (sent < total && sent - done < IN_FLIGHT * batchSize) sendNext();
      });
    };
    const sendNext = (): void => {
      request.queue = queues[(sent / batchSize) % queues.length] ?? null;
      request.bornTimestamp = realClock.nowMs();
      request.completion = completion;
      const status = batchSize === 1 ? appendOne(request, sent) : appendMany(request, scan, sent);
      if (status !== 'OK') throw new Error(`${status} ${store.statusReason}`);
      sent += batchSize;
    };
    pump();
  });
  const elapsed = realClock.monotonicMs() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  const rate = Math.round((total / elapsed) * 1000);
  print(`${options.flush}, batches of ${batchSize}, ${topics} topics: ${rate} messages/s`);
  const [users, systems] = [user / total, system / total].map((one) => one.toFixed(2));
  print(`${((user + system) / total).toFixed(2)} us CPU each (user ${users}, system ${systems})`);
}

function appendOne(request: AppendRequest, n: number): string {
  const properties = pool[n % PROPERTIES_KEPT] ?? body;
  request.properties = properties;
  request.propertiesEnd = properties.length;
  request.scan.scan(properties, 0, properties.length);
  return store.append(request);
}

function appendMany(request: AppendRequest, scan: BatchScan, n: number): string {
  const batch = batches[(n / batchSize) % batches.length] ?? body;
  scan.reset(batch, 0, batch.length);
  return store.appendBatch(request, scan);
}

function measurePulls(): void {
  const [queue] = queues;
  if (queue === undefined || topics > 1) return;
  const from = queue.maxOffset - 1600;
  const before = process.cpuUsage();
  let pulled = 0;
  for (let round = 0; round < 400; round += 1) {
    for (let offset = from; offset < queue.maxOffset; ) {
      const result = store.getMessages(queue, offset, 32, 262144, null);
      if (result instanceof Promise) throw new Error('not from memory');
      offset = result.nextBeginOffset;
      pulled += result.count;
      result.release();
    }
  }
  const used = process.cpuUsage(before);
  print(`pull of 32: ${((used.user + used.system) / pulled).toFixed(3)} us CPU per message`);
}

async function measureRestart(): Promise<void> {
  const before = realClock.monotonicMs();
  await store.close();
  const closed = realClock.monotonicMs();
  const again = await LogStore.open(options);
  const opened = realClock.monotonicMs();
  print(`stop ${Math.round(closed - before)} ms, start ${Math.round(opened - closed)} ms`);
  print(`clean ${again.recovery.clean}, ${[...again.queues()].length} queues`);
  await again.close();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
