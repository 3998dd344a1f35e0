import { type CachedMessage, ProcessQueue } from '../../src/consumer/process-queue.ts';
import { ConsumerMessage } from '../../src/push/consumer-message.ts';
import type { Settlement } from '../../src/push/settlement.ts';
import { storedMessage } from './queues.ts';

/** A message in the hands of a handler, and what became of it. */
export interface Delivered {
  readonly message: ConsumerMessage;
  /** `ack`, `retry 60000` or `reject`, in order. */
  readonly settled: readonly string[];
}

let offsets = 0;

/** Delivers a message with this id. */
export function deliver(
  messageId: string,
  body: string | Buffer = 'body',
  more: Readonly<Record<string, string>> = {},
): Delivered {
  const processQueue = new ProcessQueue({ topic: 'T', brokerName: 'b', queueId: 0 });
  const properties = new Map([['UNIQ_KEY', messageId], ...Object.entries(more)]);
  processQueue.put([
    storedMessage(processQueue.queue, offsets++, { body: Buffer.from(body), properties }),
  ]);
  const entry = processQueue.take(1);
  if (entry === undefined) throw new Error('Nothing was put');
  const settled: string[] = [];
  const settle = (how: string) => (one: CachedMessage) => {
    if (processQueue.settle(one)) settled.push(how);
    return Promise.resolve();
  };
  const settlement: Settlement = {
    ack: settle('ack'),
    retry: (one, options) => settle(`retry ${options.delayMs ?? options.delayLevel ?? 0}`)(one),
    reject: settle('reject'),
  };
  return { message: new ConsumerMessage(entry, 'T', [], settlement), settled };
}
