/**
 * A process that is killed: sends to a store as fast as it can, reads what it sent, and writes
 * every step to a ledger file (each with a call of its own: what is written survives the process).
 * Arguments: directory, ledger, sync or async, a prefix for ids, and `early` for a broken build
 * that acknowledges before the write.
 */
import { openSync, writeSync } from 'node:fs';
import {
  createPrng,
  randomSeed,
  realClock,
  realFileSystem,
  realScheduler,
  silentLogger,
} from '@skylarkmq/base';
import { decodeRecords, encodeHost, encodeProperties } from '@skylarkmq/message';
import { AppendRequest, LogStore, PutStatus, type QueueHandle } from '@skylarkmq/store';
import { type LedgerEvent, ledgerBody, ledgerLine, readLedgerBody } from '@skylarkmq/testkit';
import { killOptions } from './kill-options.ts';

const PER_TICK = 16;
const IN_FLIGHT_MAX = 64;
const QUEUES = 4;

const [directory = '', path = '', flush = 'sync', prefix = '', build = ''] = process.argv.slice(2);
const prng = createPrng(randomSeed());
const store = await LogStore.open(
  killOptions({
    ...{ directory, clock: realClock, scheduler: realScheduler, fileSystem: realFileSystem },
    ...{ logger: silentLogger, prng, flush: flush === 'async' ? 'async' : 'sync' },
    ...{ storeHost: encodeHost('127.0.0.1:10911'), processId: process.pid },
  }),
);
const request = new AppendRequest();
request.bornHost = encodeHost('127.0.0.1:50000');
let sent = 0;
let inFlight = 0;
const ledger = openSync(path, 'a');

process.stdout.write(`${store.recovery.durationMs}\n`);
// The broken build has nothing else to do, so that a kill hits its weak moment.
if (build !== 'early') store.onArrival((queue, maxOffset) => receive(queue, maxOffset - 1));
pump();

function note(event: LedgerEvent): void {
  writeSync(ledger, ledgerLine(event));
}

function pump(): void {
  for (let i = 0; i < PER_TICK && inFlight < IN_FLIGHT_MAX; i += 1) send();
  setImmediate(pump);
}

function send(): void {
  const id = `${prefix}-${sent}`;
  sent += 1;
  const producer = `${prefix}-p${sent % 3}`;
  request.queue = store.queue('Ledger', prng.below(QUEUES));
  request.body = ledgerBody(id, 100 + prng.below(2000));
  request.bodyEnd = request.body.length;
  request.properties = encodeProperties([
    ['UNIQ_KEY', id],
    ['TAGS', 'ledger'],
  ]);
  request.propertiesEnd = request.properties.length;
  request.scan.scan(request.properties, 0, request.propertiesEnd);
  note({ kind: 'attempt', id, producer });
  let acknowledge = (): void => undefined;
  request.completion = {
    completed(status) {
      inFlight -= 1;
      if (status === PutStatus.Ok && build !== 'early') acknowledge();
    },
  };
  if (store.append(request) !== PutStatus.Ok) throw new Error(store.statusReason);
  inFlight += 1;
  const queue = `Ledger-${request.queue.queueId}`;
  const offset = request.queueOffset;
  acknowledge = () => note({ kind: 'ack', id, producer, queue, offset });
  if (build === 'early') acknowledge();
}

/** A consumer: reads what has just become visible. */
function receive(handle: QueueHandle, offset: number): void {
  const result = store.getMessages(handle, offset, 1, 1 << 20, null);
  if (result instanceof Promise) throw new Error('The newest message is not in memory');
  for (const message of decodeRecords(Buffer.concat([...result.slices]))) {
    const { id, bodyHash } = readLedgerBody(message.body);
    const queue = `Ledger-${message.queueId}`;
    note({ kind: 'receipt', id, consumer: 'c', queue, offset: message.queueOffset, bodyHash });
  }
  result.release();
}
