/**
 * By hand: `node --import tsx --conditions=@skylarkmq/source packages/store/test/reread.bench.ts
 * [--parts n] [--directory path]`. What POP does to the store: reads of 32 go round and round some
 * 24 MB of messages of 1 KiB, and each adds two small records to the log. Prints for each part how
 * many reads were served from memory and what a read took; the low percentiles are those that the
 * neighbours of a busy machine do not disturb.
 */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { realFileSystem } from '@skylarkmq/base';
import { PropertyName } from '@skylarkmq/message';
import { LogStore, type PutMessage } from '../src/index.ts';
import { realOptions } from './real-store.ts';

const { values } = parseArgs({
  options: {
    parts: { type: 'string', default: '6' },
    directory: { type: 'string', default: `${tmpdir()}/skylark-reread-bench` },
  },
});
const QUEUES = 4;
const MESSAGES = 20_000;
const SEND_BATCH = 50;
const READ_MESSAGES = 32;
const READ_BYTES = 256 * 1024;
const READS_A_PART = 5000;
const US_PER_MS = 1000;
const PERCENT = 100;
const BYTES_PER_MB = 1e6;

const properties = new Map([[PropertyName.UniqueKey as string, 'k'.repeat(32)]]);
const body = Buffer.alloc(1024, 'x');
const noteProperties = new Map([[PropertyName.UniqueKey as string, 'k'.repeat(280)]]);
const note: PutMessage = {
  ...{ topic: 'notes', queueId: 0, properties: noteProperties },
  body: Buffer.alloc(330, 'n'),
};

realFileSystem.remove(values.directory);
const store = await LogStore.open(realOptions(values.directory));
for (let sent = 0; sent < MESSAGES; sent += SEND_BATCH * QUEUES) {
  const puts = Array.from({ length: SEND_BATCH * QUEUES }, (_, at) =>
    store.put({ topic: 'read', queueId: Math.floor(at / SEND_BATCH), body, properties }),
  );
  await Promise.all(puts);
}
const queues = Array.from({ length: QUEUES }, (_, queueId) => store.queue('read', queueId));

for (let part = 0; part < Number(values.parts); part += 1) await measurePart();
await store.close();
realFileSystem.remove(values.directory);

async function measurePart(): Promise<void> {
  const times: number[] = [];
  const begin = store.maxPhysicalOffset;
  let fromMemory = 0;
  for (let read = 0; read < READS_A_PART; read += 1) {
    const queue = queues[read % QUEUES];
    if (queue === undefined) return;
    const round = Math.floor(read / QUEUES) * READ_MESSAGES;
    const offset = round % (MESSAGES / QUEUES - READ_MESSAGES);
    const started = performance.now();
    const found = store.getMessages(queue, offset, READ_MESSAGES, READ_BYTES, null);
    const result = found instanceof Promise ? await found : found;
    times.push((performance.now() - started) * US_PER_MS);
    if (result.fromMemory) fromMemory += 1;
    result.release();
    const puts = [store.put(note), store.put(note)];
    // As many at a time as eight consumers have under way.
    if (read % 8 === 0) await Promise.all(puts);
  }
  times.sort((one, other) => one - other);
  const us = (share: number): string => (times[times.length * share] ?? Number.NaN).toFixed(1);
  const megabytes = ((store.maxPhysicalOffset - begin) / BYTES_PER_MB).toFixed(1);
  const share = ((fromMemory / READS_A_PART) * PERCENT).toFixed(0);
  const line = `${share} % from memory; p10 ${us(0.1)}, p25 ${us(0.25)} us a read of 32`;
  process.stdout.write(`${megabytes} MB added: ${line}\n`);
}
