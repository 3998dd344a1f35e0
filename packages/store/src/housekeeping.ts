/**
 * What the store does beside the append path: writing queues and index out, and saying in its side
 * files how much is safe. Sleeps while nothing happens.
 */

import type { Scheduler, Timer } from '@skylarkmq/base';
import { type Clock, type FileSystem, type Logger, MqError } from '@skylarkmq/base';
import { type CheckpointFields, writeCheckpoint } from './checkpoint.ts';
import type { CommitLog, LogEnd } from './commit-log/commit-log.ts';
import type { DurableFile } from './commit-log/durable-file.ts';
import {
  type QueueRange,
  rangesOf,
  removeOtherSnapshots,
  saveSnapshot,
} from './consume-queue/queue-snapshot.ts';
import type { QueueTable } from './consume-queue/queue-table.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { HandlePool } from './file/handle-pool.ts';
import type { IndexMark, IndexService } from './index/index-service.ts';
import { recordCrc } from './recovery/record-crc.ts';

/** How often the durable offset is saved while it moves: never more than a second behind. */
const TICK_MS = 500;
/** All queues are written at least this often. */
const FULL_FLUSH_MS = 10000;
/** Queues and index are made durable this often, or after that much log. */
const ROUND_MS = 60000;
const ROUND_BYTES = 512 * 1024 * 1024;
/** The log may be written up to here beyond the end before the side file must say so. */
const WRITE_LIMIT_STEP_BYTES = 256 * 1024 * 1024;

export interface HousekeepingDeps {
  readonly fileSystem: FileSystem;
  readonly handles: HandlePool;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly log: CommitLog;
  readonly queues: QueueTable;
  readonly index: IndexService | null;
  readonly dispatcher: Dispatcher;
  readonly durableFile: DurableFile;
  readonly directory: string;
  readonly checkpointPath: string;
  readonly flushIntervalMs: number;
  readonly queueFileBytes: number;
  readonly onFailure: (reason: string) => void;
}

/** What is known to be durable of queues and index. */
export interface DispatchMark {
  readonly offset: number;
  readonly index: IndexMark | null;
}

export class Housekeeping {
  readonly #deps: HousekeepingDeps;
  /** Nothing was ever written to the log from here on. */
  writeLimit = 0;
  #mark: DispatchMark;
  /** Becomes the mark when the log itself is durable up to there. */
  #nextMark: (DispatchMark & { readonly ranges: readonly QueueRange[] }) | null = null;
  #savedDurable = -1;
  #savedLimit = -1;
  #timer: Timer | null = null;
  #snapshotOffset = -1;
  #lastFlushMs = 0;
  #lastFullFlushMs = 0;
  #lastRoundMs = 0;
  #lastRoundOffset = 0;
  #round: Promise<void> | null = null;
  #closed = false;

  constructor(deps: HousekeepingDeps, mark: DispatchMark, writeLimit: number) {
    this.#deps = deps;
    this.#mark = mark;
    this.writeLimit = writeLimit;
    this.#lastRoundOffset = mark.offset;
    const now = deps.clock.monotonicMs();
    this.#lastFlushMs = now;
    this.#lastFullFlushMs = now;
    this.#lastRoundMs = now;
  }

  /** Something was appended or dispatched: there will be work. */
  wake(): void {
    if (this.#timer !== null || this.#closed) return;
    this.#timer = this.#deps.scheduler.after(TICK_MS, () => {
      this.#timer = null;
      this.#tick();
    });
  }

  /** Makes sure that the log may be written up to `end`. */
  allowWrite(end: number): void {
    if (end <= this.writeLimit) return;
    this.writeLimit = end + WRITE_LIMIT_STEP_BYTES;
    this.#deps.durableFile.saveSync(this.#state(this.#deps.log.durable, false));
    this.#savedLimit = this.writeLimit;
  }

  /** Writes queues and index and makes them durable. */
  async round(): Promise<void> {
    await this.#round;
    this.#round = this.#runRound().finally(() => {
      this.#round = null;
    });
    await this.#round;
  }

  /** Writes everything in its final form; the log must be flushed. */
  async close(clean: boolean): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#round;
    const deps = this.#deps;
    this.#removeSpare();
    deps.queues.flush(true);
    deps.index?.writeAll();
    await this.#syncFiles([...deps.queues.takeUnsynced(), ...(deps.index?.takeUnsynced() ?? [])]);
    this.#mark = { offset: deps.dispatcher.dispatchedOffset, index: deps.index?.mark() ?? null };
    this.#writeCheckpoint();
    saveSnapshot(deps.fileSystem, deps.directory, this.#mark.offset, rangesOf(deps.queues));
    await deps.durableFile.save(this.#state(deps.log.durable, clean));
    this.#snapshotOffset = this.#mark.offset;
    removeOtherSnapshots(deps.fileSystem, deps.directory, this.#mark.offset);
  }

  #tick(): void {
    if (this.#closed) return;
    const { clock, queues, index, log, dispatcher, logger } = this.#deps;
    const now = clock.monotonicMs();
    try {
      if (now - this.#lastFlushMs >= this.#deps.flushIntervalMs) {
        this.#lastFlushMs = now;
        const all = now - this.#lastFullFlushMs >= FULL_FLUSH_MS;
        if (all) this.#lastFullFlushMs = now;
        queues.flush(all);
        index?.flush();
      }
    } catch (error) {
      // Derived data: it stays in memory and is written later, or rebuilt.
      logger.warn({ reason: MqError.from(error).message }, 'Queues could not be written');
    }
    const moved = dispatcher.dispatchedOffset - this.#lastRoundOffset;
    const due = now - this.#lastRoundMs >= ROUND_MS || moved >= ROUND_BYTES;
    if (moved > 0 && due && this.#round === null) void this.round();
    this.#prepareFile();
    this.#saveDurable();
    const behind = moved > 0 || queues.hasDirty || log.durableOffset !== this.#savedDurable;
    if (behind || log.writtenOffset !== log.durableOffset) this.wake();
  }

  /** The next file of the log is there before it is needed. */
  #prepareFile(): void {
    const { log, logger } = this.#deps;
    const segment = log.segments.find(log.endOffset);
    if (segment === undefined) return;
    const fileEnd = log.fileEnd(segment);
    const late = log.endOffset - segment.start > log.segments.fileBytes / 2;
    if (!late || log.segments.find(fileEnd) !== undefined) return;
    try {
      log.segments.create(fileEnd);
    } catch (error) {
      logger.warn({ reason: MqError.from(error).message }, 'No next file could be prepared');
    }
  }

  /** The prepared file goes, as after a clean stop of Apache. */
  #removeSpare(): void {
    const { log } = this.#deps;
    const { last, first } = log.segments;
    if (last === undefined || last === first || last.start < log.endOffset) return;
    log.segments.remove(last);
    log.segments.syncDirectories();
  }

  #saveDurable(): void {
    const { log, durableFile, onFailure } = this.#deps;
    const { durable } = log;
    if (this.#nextMark !== null && this.#nextMark.offset <= durable.offset) {
      const { fileSystem, directory } = this.#deps;
      saveSnapshot(fileSystem, directory, this.#nextMark.offset, this.#nextMark.ranges);
      this.#mark = this.#nextMark;
      this.#nextMark = null;
      this.#savedDurable = -1;
    }
    const limit = Math.max(this.writeLimit, log.endOffset + WRITE_LIMIT_STEP_BYTES / 2);
    if (durable.offset === this.#savedDurable && limit === this.#savedLimit) return;
    this.#savedDurable = durable.offset;
    const raised = limit > this.writeLimit ? log.endOffset + WRITE_LIMIT_STEP_BYTES : limit;
    this.#savedLimit = raised;
    durableFile.save({ ...this.#state(durable, false), writeLimit: raised }).then(
      () => {
        this.writeLimit = Math.max(this.writeLimit, raised);
        this.#dropOldSnapshots();
      },
      (error: unknown) => {
        // It may only fall behind: then a crash re-reads more of the log.
        const { message } = MqError.from(error);
        onFailure(`Saving the durable offset failed: ${message}`);
      },
    );
  }

  async #runRound(): Promise<void> {
    const { clock, queues, index, dispatcher, logger } = this.#deps;
    const began = clock.monotonicMs();
    const offset = dispatcher.dispatchedOffset;
    try {
      queues.flush(true);
      index?.flush();
      const mark = index?.mark() ?? null;
      const ranges = rangesOf(queues);
      await this.#syncFiles([...queues.takeUnsynced(), ...(index?.takeUnsynced() ?? [])]);
      this.#nextMark = { offset, index: mark, ranges };
      this.#writeCheckpoint();
      this.#saveDurable();
    } catch (error) {
      logger.warn({ reason: MqError.from(error).message }, 'Queues could not be made durable');
    }
    this.#lastRoundOffset = offset;
    const now = clock.monotonicMs();
    // With very many queues a round takes long: then rounds are rarer.
    this.#lastRoundMs = now + (now - began) * 10;
  }

  /** After the side file names the newest: the others are of no use any more. */
  #dropOldSnapshots(): void {
    if (this.#snapshotOffset === this.#mark.offset) return;
    this.#snapshotOffset = this.#mark.offset;
    const { fileSystem, directory } = this.#deps;
    removeOtherSnapshots(fileSystem, directory, this.#mark.offset);
  }

  /** One after the other: many at once would starve reads of threads. */
  async #syncFiles(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      if (!this.#deps.fileSystem.exists(path)) continue;
      const pinned = this.#deps.handles.pin(path);
      try {
        await pinned.handle.syncData();
      } finally {
        pinned.unpin();
      }
    }
  }

  #writeCheckpoint(): void {
    const { fileSystem, checkpointPath, log, index, dispatcher } = this.#deps;
    const fields: CheckpointFields = {
      physicMsgTimestamp: dispatcher.lastStoreTimestamp,
      logicsMsgTimestamp: dispatcher.lastStoreTimestamp,
      indexMsgTimestamp: index?.fullTimestamp ?? 0,
      masterFlushedOffset: 0,
      confirmPhyOffset: 0,
      logicsPhysicalOffset: Math.max(0, log.durable.lastRecordOffset),
    };
    writeCheckpoint(fileSystem, checkpointPath, fields);
  }

  #state(durable: LogEnd, clean: boolean): Parameters<DurableFile['save']>[0] {
    return {
      durableOffset: durable.offset,
      writeLimit: this.writeLimit,
      lastRecordOffset: durable.lastRecordOffset,
      lastRecordBytes: durable.lastRecordBytes,
      lastRecordCrc: recordCrc(this.#deps.log, durable),
      dispatchedOffset: this.#mark.offset,
      clean,
      indexName: this.#mark.index?.name ?? '',
      indexHeader: this.#mark.index?.header ?? null,
      logFileBytes: this.#deps.log.segments.fileBytes,
      queueFileBytes: this.#deps.queueFileBytes,
    };
  }
}
