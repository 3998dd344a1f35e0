import type { TailChunk } from '../commit-log/tail-cache.ts';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import { type GetResult, GetStatus } from '../get-result.ts';

const NO_SLICES: readonly Buffer[] = [];

/** An answer without messages. */
export class EmptyResult implements GetResult {
  readonly status: GetStatus;
  readonly nextBeginOffset: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  readonly slices: readonly Buffer[] = NO_SLICES;
  readonly count = 0;
  readonly bytes = 0;
  readonly fromMemory = true;

  constructor(status: GetStatus, nextBeginOffset: number, minOffset: number, maxOffset: number) {
    this.status = status;
    this.nextBeginOffset = nextBeginOffset;
    this.minOffset = minOffset;
    this.maxOffset = maxOffset;
  }

  release(): void {}
}

/** Messages: slices of tail chunks, or of a buffer that was read for this answer. */
export class FoundResult implements GetResult {
  status: GetStatus = GetStatus.Found;
  nextBeginOffset = 0;
  readonly minOffset: number;
  readonly maxOffset: number;
  readonly slices: Buffer[] = [];
  count = 0;
  bytes = 0;
  readonly fromMemory: boolean;
  #chunks: TailChunk[] | null = null;

  constructor(queue: ConsumeQueue, fromMemory: boolean) {
    this.minOffset = queue.minOffset;
    this.maxOffset = queue.maxOffset;
    this.fromMemory = fromMemory;
  }

  /** Keeps a chunk from being written again until `release`. */
  hold(chunk: TailChunk): void {
    chunk.pins += 1;
    if (this.#chunks === null) this.#chunks = [chunk];
    else this.#chunks.push(chunk);
  }

  release(): void {
    if (this.#chunks === null) return;
    for (const chunk of this.#chunks) chunk.pins -= 1;
    this.#chunks = null;
  }
}

/** The answer to an offset outside the queue, or null when the offset can be read. */
export function outOfRange(queue: ConsumeQueue, offset: number): GetResult | null {
  const { minOffset, maxOffset } = queue;
  // RocketMQ: DefaultMessageStore#getMessage
  if (maxOffset === 0) return new EmptyResult(GetStatus.NoMessageInQueue, 0, minOffset, maxOffset);
  if (offset < minOffset) {
    return new EmptyResult(GetStatus.OffsetTooSmall, minOffset, minOffset, maxOffset);
  }
  if (offset === maxOffset) {
    return new EmptyResult(GetStatus.OffsetOverflowOne, offset, minOffset, maxOffset);
  }
  if (offset > maxOffset) {
    return new EmptyResult(GetStatus.OffsetOverflowBadly, maxOffset, minOffset, maxOffset);
  }
  return null;
}
