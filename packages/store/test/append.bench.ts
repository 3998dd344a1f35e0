/**
 * By hand: `node --import tsx --conditions=@skylarkmq/source packages/store/test/append.bench.ts
 * [sync|async] [messages] [directory]`. Cost of an append of 1 KiB with everything that belongs to
 * it (record, checksums, write, consume queue, index), and of pulls of 32 from the tail.
 */
import { tmpdir } from 'node:os';
import {
  createPrng,
  realClock,
  realFileSystem,
  realScheduler,
  silentLogger,
} from '@skylarkmq/base';
import { encodeHost, encodeProperties } from '@skylarkmq/message';
import { AppendRequest, LogStore } from '../src/index.ts';

const flush = process.argv[2] === 'sync' ? 'sync' : 'async';
const total = Number(process.argv[3] ?? 300000);
const directory = process.argv[4] ?? `${tmpdir()}/skylark-append-bench`;
const IN_FLIGHT = 128;

realFileSystem.remove(directory);
const store = await LogStore.open({
  directory,
  fileSystem: realFileSystem,
  clock: realClock,
  scheduler: realScheduler,
  logger: silentLogger,
  prng: createPrng(1),
  storeHost: encodeHost('127.0.0.1:10911'),
  flush,
});
const queues = [0, 1, 2, 3].map((queueId) => store.queue('BenchTopic', queueId));
const request = new AppendRequest();
request.bornHost = encodeHost('127.0.0.1:50000');
request.body = Buffer.alloc(1024, 'x');
request.bodyEnd = 1024;

function uniqueProperties(n: number): Buffer {
  const key = n.toString(16).toUpperCase().padStart(32, '7F');
  return encodeProperties([
    ['UNIQ_KEY', key],
    ['WAIT', 'true'],
    ['TAGS', 'TagA'],
    ['CLUSTER', 'DefaultCluster'],
    ['MSG_REGION', 'DefaultRegion'],
    ['TRACE_ON', 'true'],
  ]);
}

const pool = [...Array(4096).keys()].map(uniqueProperties);
let sent = 0;
let done = 0;
let finish: () => void = () => undefined;
const completion = {
  completed(): void {
    done += 1;
    if (done === total) finish();
    else if (sent - done < IN_FLIGHT / 2) pump();
  },
};

let pumping = false;
function pump(): void {
  if (pumping) return;
  pumping = true;
  setImmediate(() => {
    pumping = false;
    while (sent < total && sent - done < IN_FLIGHT) {
      const properties = pool[sent & 4095] ?? Buffer.alloc(0);
      request.queue = queues[sent & 3] ?? null;
      request.properties = properties;
      request.propertiesEnd = properties.length;
      request.scan.scan(properties, 0, properties.length);
      request.bornTimestamp = realClock.nowMs();
      request.completion = completion;
      const status = store.append(request);
      if (status !== 'OK') throw new Error(`${status} ${store.statusReason}`);
      sent += 1;
    }
  });
}

const cpuBefore = process.cpuUsage();
const before = realClock.monotonicMs();
await new Promise<void>((resolve) => {
  finish = resolve;
  pump();
});
const elapsed = realClock.monotonicMs() - before;
const cpu = process.cpuUsage(cpuBefore);
const perMessage = (cpu.user + cpu.system) / total;
print(`user ${(cpu.user / total).toFixed(2)} system ${(cpu.system / total).toFixed(2)}`);
print(
  `${flush}: ${Math.round((total / elapsed) * 1000)} messages/s, ${perMessage.toFixed(2)} us CPU each`,
);

const queue = queues[0];
if (queue !== undefined) {
  const from = queue.maxOffset - 1600;
  const pullCpu = process.cpuUsage();
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
  const used = process.cpuUsage(pullCpu);
  print(`pull of 32: ${((used.user + used.system) / pulled).toFixed(3)} us CPU per message`);
}
print(`rss ${(process.memoryUsage().rss / 1048576).toFixed(0)} MiB`);
await store.close();
realFileSystem.remove(directory);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
