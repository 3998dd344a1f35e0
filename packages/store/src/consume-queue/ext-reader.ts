/**
 * Reads `consumequeue_ext` of stores that had `enableConsumeQueueExt`: there a unit's tags code is
 * the address of the real one. Read only: units that Skylark adds carry their tags code themselves.
 */

import { segmentName } from '../file/segment-list.ts';
import type { Settings } from '../settings.ts';
import type { StoreOptions } from '../store-options.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import { int64 } from './unit.ts';

const TAGS_CODE_AT = 2;
const HEAD_BYTES = 18;

/** The tags code behind an address; 0 when it cannot be read. RocketMQ: ConsumeQueueExt#get */
export function createExtReader(
  options: StoreOptions,
  settings: Settings,
): (queue: ConsumeQueue, address: number) => number {
  const { fileSystem, directory } = options;
  const fileBytes = settings.consumeQueueExtFileBytes;
  return (queue, address) => {
    const start = address - (address % fileBytes);
    const folder = `${directory}/consumequeue_ext/${queue.topic}/${queue.queueId}`;
    const path = `${folder}/${segmentName(start)}`;
    if (!fileSystem.exists(path)) return 0;
    const handle = fileSystem.open(path, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      const read = handle.readSync(head, 0, HEAD_BYTES, address - start);
      return read === HEAD_BYTES ? int64(head, TAGS_CODE_AT) : 0;
    } finally {
      handle.close();
    }
  };
}
