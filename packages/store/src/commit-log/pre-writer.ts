/**
 * Writes zeros ahead of the log, because fdatasync on a growing file has to write the file's
 * metadata too and takes many times longer. Small steps, asynchronous, and never under the pen of
 * the writer: `blocks` says when it has to wait.
 */
import { type Logger, MqError } from '@skylarkmq/base';
import type { CommitLog } from './commit-log.ts';

/** Zeros that are written at a time. */
const STEP_BYTES = 1024 * 1024;
/** A new step begins when less than this is left. */
const AHEAD_MIN_BYTES = 512 * 1024;
const PAGE_BYTES = 4096;

export class PreWriter {
  readonly #log: CommitLog;
  readonly #logger: Logger;
  readonly #zeros: Buffer;
  /** Up to here the file's blocks exist. */
  #ahead = 0;
  #runningFrom = -1;
  #running: Promise<void> | null = null;
  #stopped = false;
  /** After a failure (a full disk) it begins again when the log went on to here. */
  #pausedUntil = 0;

  constructor(log: CommitLog, logger: Logger) {
    this.#log = log;
    this.#logger = logger;
    this.#zeros = Buffer.alloc(Math.min(STEP_BYTES, log.segments.fileBytes));
  }

  /** The step that overlaps a write up to `end`, to be awaited before that write; else null. */
  blocks(end: number): Promise<void> | null {
    return this.#running !== null && end > this.#runningFrom ? this.#running : null;
  }

  /** Starts the next step when the log comes near the end of what is prepared. */
  advance(): void {
    const { endOffset, segments } = this.#log;
    if (this.#ahead < endOffset) this.#ahead = endOffset;
    if (this.#stopped || this.#running !== null || endOffset < this.#pausedUntil) return;
    if (this.#ahead - endOffset > AHEAD_MIN_BYTES) return;
    const segment = segments.find(this.#ahead);
    if (segment === undefined) return;
    const from = this.#ahead;
    const aligned = from - (from % PAGE_BYTES) + this.#zeros.length;
    const bytes = Math.min(aligned, this.#log.fileEnd(segment)) - from;
    if (bytes <= 0) return;
    this.#runningFrom = from;
    this.#running = this.#write(segment.path, from, from - segment.start, bytes);
  }

  /** Ends the current step and begins no other. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #write(path: string, from: number, at: number, bytes: number): Promise<void> {
    const pinned = this.#log.handles.pin(path);
    try {
      await pinned.handle.write(this.#zeros, 0, bytes, at);
      this.#ahead = from + bytes;
    } catch (error) {
      // Only a preparation: the write itself will fail, and say so, if the disk is really full.
      this.#pausedUntil = from + bytes;
      this.#logger.warn({ path, reason: MqError.from(error).message }, 'Writing ahead stopped');
    } finally {
      pinned.unpin();
      this.#running = null;
      this.#runningFrom = -1;
    }
  }
}
