/**
 * Reads `consumequeue_ext` of stores that had `enableConsumeQueueExt`: there a unit's tags code is
 * the address of what the queue keeps of the message. Layout in docs/formats/consume-queue-ext.md.
 */
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import { segmentName } from '../file/segment-list.ts';
import type { Settings } from '../settings.ts';
import type { StoreOptions } from '../store-options.ts';
import { decodeExtension, type QueueExtension } from './queue-extension.ts';

/** Bytes that are read at a time: neighbours in a queue have neighbouring extensions. */
const BLOCK_BYTES = 64 * 1024;

/** The extension at an address; undefined when there is none, or it cannot be read. */
export type ExtensionReader = (queue: ConsumeQueue, address: number) => QueueExtension | undefined;

/** A block is read again when it has not the unit yet: files only grow. */
// RocketMQ: ConsumeQueueExt#get
export function createExtensionReader(options: StoreOptions, settings: Settings): ExtensionReader {
  const { fileSystem, directory } = options;
  const fileBytes = settings.consumeQueueExtFileBytes;
  let block: Buffer = Buffer.alloc(0);
  let blockPath = '';
  let blockStart = 0;
  const readBlock = (path: string, start: number): boolean => {
    blockPath = '';
    if (!fileSystem.exists(path)) return false;
    const handle = fileSystem.open(path, 'r');
    try {
      const bytes = Buffer.alloc(Math.min(BLOCK_BYTES, fileBytes - start));
      block = bytes.subarray(0, handle.readSync(bytes, 0, bytes.length, start));
      blockPath = path;
      blockStart = start;
      return true;
    } finally {
      handle.close();
    }
  };
  return (queue, address) => {
    const at = address % fileBytes;
    const folder = `${directory}/consumequeue_ext/${queue.topic}/${queue.queueId}`;
    const path = `${folder}/${segmentName(address - at)}`;
    if (path === blockPath && at >= blockStart) {
      const known = decodeExtension(block, at - blockStart, block.length);
      if (known !== undefined) return known;
    }
    return readBlock(path, at) ? decodeExtension(block, 0, block.length) : undefined;
  };
}
