/**
 * What the store does beside the append path: writing queues and index out, and saying in its side
 * files how much is safe. Sleeps while nothing happens.
 */
import {
  type Clock,
  type FileSystem,
  type Logger,
  MqError,
  MqErrorCode,
  type Scheduler,
  type Timer,
} from '@skylarkmq/base';
import { type CheckpointFields, checkpointCrc, writeCheckpoint } from './checkpoint.ts';
import type { CommitLog, LogEnd } from './commit-log/commit-log.ts';
import type { DurableFile } from './commit-log/durable-file.ts';
import { rangesOf, type SavingPlan, saveQueues } from './consume-queue/queue-saving.ts';
import { removeOtherSnapshots } from './consume-queue/queue-snapshot.ts';
import type { QueueTable } from './consume-queue/queue-table.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { HandlePool } from './file/handle-pool.ts';
import type { IndexMark, IndexService } from './index/index-service.ts';
import { recordCrc } from './recovery/record-crc.ts';

/** How often the durable offset is saved while it moves: never more than a second behind. */
const TICK_MS = 500;
/** All queues are written at least this often: a file that is not open costs some 20 us. */
const FULL_FLUSH_MS = 30000;
/** With more queues than this to write they wait until they are full, or nothing is sent. */
const FULL_FLUSH_QUEUES = 4096;
/** Queues and index are made durable this often, or after that much log. */
const ROUND_MS = 60000;
const ROUND_BYTES = 512 * 1024 * 1024;
/** The log may be written up to here beyond the end before the side file must say so. */
const WRITE_LIMIT_STEP_BYTES = 256 * 1024 * 1024;
/** Queues are synced for so long at a time; with a slow disk the rest is copied. */
const SYNCS_MS = 2000;
/** Writing queues out may hold up the event loop for so long at a time. */
const SLICE_MS = 4;

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
  /** Queue files that a round syncs at most, as long as the rest can be copied. */
  readonly queueSyncsMax: number;
  readonly extensions: { sync(): Promise<void> };
  readonly crcFrom: number;
  /** An error of fdatasync, of whatever file: the store must not go on. */
  readonly fail: (reason: string) => void;
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
  #nextMark: DispatchMark | null = null;
  #savedDurable = -1;
  #savedLimit = -1;
  #timer: Timer | null = null;
  #snapshotOffset = -1;
  /** Of the newest snapshot, which may be half written. */
  #savingOffset = -1;
  #lastFlushMs = 0;
  #lastFullFlushMs = 0;
  #lastFullFlushOffset = -1;
  /** Where the next round goes on to sync queues. */
  #nextToSync = 0;
  /** Units of records up to this store time are durable in the queues' own files. */
  #filesTimestamp = 0;
  #lastRoundMs = 0;
  #lastRoundOffset = 0;
  #round: Promise<void> | null = null;
  /** The round after the one in progress, for all who ask meanwhile. */
  #nextRound: Promise<void> | null = null;
  #flushing: Promise<void> | null = null;
  /** Why queues cannot be written at the moment; empty when they can. */
  #fullReason = '';
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
    this.#timer = this.#deps.scheduler.pace(TICK_MS, () => {
      this.#timer = null;
      this.#tick();
    });
  }

  /** Makes sure that the log may be written up to `end`. */
  allowWrite(end: number): void {
    if (this.#fullReason !== '') throw new MqError(MqErrorCode.System, this.#fullReason);
    if (end <= this.writeLimit) return;
    this.writeLimit = end + WRITE_LIMIT_STEP_BYTES;
    this.#deps.durableFile.saveSync(this.#state(this.#deps.log.durable, false));
    this.#savedLimit = this.writeLimit;
  }

  /** Makes queues and index durable in a round begun after the call; two would write one file. */
  round(): Promise<void> {
    if (this.#round !== null || this.#nextRound !== null) {
      this.#nextRound ??= (this.#round ?? Promise.resolve()).then(() => {
        this.#nextRound = null;
        return this.round();
      });
      return this.#nextRound;
    }
    this.#round = this.#runRound().finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  /** Writes everything in its final form; the log must be flushed. */
  async close(clean: boolean): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#flushing;
    await (this.#nextRound ?? this.#round);
    // A store that failed is left as a crash would leave it: what it wrote cannot be trusted.
    if (!clean) return;
    const deps = this.#deps;
    this.#removeSpare();
    await this.#flushQueues(true);
    deps.index?.writeAll();
    this.#filesTimestamp = deps.dispatcher.lastStoreTimestamp;
    this.#writeCheckpoint();
    await this.#syncFiles([...(deps.index?.takeUnsynced() ?? []), deps.checkpointPath]);
    this.#mark = { offset: deps.dispatcher.dispatchedOffset, index: deps.index?.mark() ?? null };
    await this.#saveQueues(this.#mark.offset, true);
    await deps.durableFile.save(this.#state(deps.log.durable, true));
    this.#snapshotOffset = this.#mark.offset;
    removeOtherSnapshots(
      deps.fileSystem,
      deps.directory,
      deps.queues.damaged ? -1 : this.#mark.offset,
    );
  }

  #tick(): void {
    if (this.#closed) return;
    const { clock, queues, log, dispatcher } = this.#deps;
    const now = clock.monotonicMs();
    const idle = this.#flushing === null && this.#round === null;
    if (idle && now - this.#lastFlushMs >= this.#deps.flushIntervalMs) {
      this.#lastFlushMs = now;
      this.#startFlush(this.#isFullFlushDue(now));
    }
    const moved = dispatcher.dispatchedOffset - this.#lastRoundOffset;
    const due = now - this.#lastRoundMs >= ROUND_MS || moved >= ROUND_BYTES;
    if (moved > 0 && due && this.#round === null) void this.round();
    this.#prepareFile();
    this.#saveDurable();
    const behind = moved > 0 || queues.hasDirty || log.durableOffset !== this.#savedDurable;
    if (behind || log.writtenOffset !== log.durableOffset) this.wake();
  }

  #isFullFlushDue(now: number): boolean {
    const { queues, dispatcher } = this.#deps;
    const isOld = now - this.#lastFullFlushMs >= FULL_FLUSH_MS;
    if (!isOld && this.#fullReason === '') return false;
    const wasQuiet = this.#lastFullFlushOffset === dispatcher.dispatchedOffset;
    this.#lastFullFlushMs = now;
    this.#lastFullFlushOffset = dispatcher.dispatchedOffset;
    return wasQuiet || this.#fullReason !== '' || queues.dirtyCount <= FULL_FLUSH_QUEUES;
  }

  #startFlush(all: boolean): void {
    this.#flushing = this.#flushQueues(all)
      .then(
        () => {
          this.#fullReason = '';
        },
        (error: unknown) => this.#queuesFailed(error),
      )
      .finally(() => {
        this.#flushing = null;
      });
  }

  /** Units stay in memory until there is room again; so the log must not grow much further. */
  #queuesFailed(error: unknown): void {
    const { fail, logger } = this.#deps;
    const reason = `Queues and index cannot be written: ${MqError.from(error).message}`;
    if (!isFull(error)) fail(reason);
    else if (this.#fullReason === '') logger.error({ reason }, 'The disk is full');
    this.#fullReason = reason;
  }

  /** Writes queues out in slices, so that tens of thousands of them do not hold up messages. */
  async #flushQueues(all: boolean): Promise<void> {
    const { queues, index } = this.#deps;
    index?.flush();
    const slices = this.#slices();
    for (const _ of queues.flushSteps(all)) {
      const pause = slices();
      if (pause !== null) await pause;
    }
  }

  /** A function that says what to wait for when the slice of time is over. */
  #slices(): () => Promise<void> | null {
    const { clock, scheduler } = this.#deps;
    let until = clock.monotonicMs() + SLICE_MS;
    return () => {
      if (clock.monotonicMs() < until) return null;
      return new Promise<void>((resolve) => scheduler.immediate(resolve)).then(() => {
        until = clock.monotonicMs() + SLICE_MS;
      });
    };
  }

  /** Makes what the queues hold now durable, with the snapshot for `offset`. */
  async #saveQueues(offset: number, isLast: boolean): Promise<void> {
    const { queues, queueSyncsMax: syncs, dispatcher, clock } = this.#deps;
    // Without a snapshot the next start builds all queues again.
    if (queues.damaged) return;
    const timestamp = dispatcher.lastStoreTimestamp;
    const until = clock.monotonicMs() + SYNCS_MS;
    const hasTime = (): boolean => clock.monotonicMs() < until;
    this.#savingOffset = offset;
    const plan: SavingPlan = isLast
      ? { from: 0, syncs: syncs * 2, hasTime, readsBack: true }
      : { from: this.#nextToSync, syncs, hasTime, readsBack: false };
    const sync = (path: string): Promise<void> => this.#syncFiles([path]);
    const deps = { ...this.#deps, sync, pause: this.#slices() };
    const { copied, next } = await saveQueues(deps, offset, rangesOf(queues), plan);
    this.#nextToSync = next;
    if (copied === 0) this.#filesTimestamp = timestamp;
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
    const { log, durableFile, fail, logger } = this.#deps;
    const { durable } = log;
    if (this.#nextMark !== null && this.#nextMark.offset <= durable.offset) {
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
        const { message } = MqError.from(error);
        // On a full disk it falls behind: then a crash re-reads more of the log.
        if (!isFull(error)) fail(`Saving the durable offset failed: ${message}`);
        else logger.warn({ reason: message }, 'The durable offset could not be saved');
        this.#savedDurable = -1;
      },
    );
  }

  async #runRound(): Promise<void> {
    const { clock, index, dispatcher, logger } = this.#deps;
    await this.#flushing;
    const began = clock.monotonicMs();
    // What follows says of this moment that everything before it is safe.
    const offset = dispatcher.dispatchedOffset;
    try {
      const mark = index?.mark() ?? null;
      index?.flush();
      await this.#saveQueues(offset, false);
      await this.#syncFiles(index?.takeUnsynced() ?? []);
      this.#nextMark = { offset, index: mark };
      this.#writeCheckpoint();
      this.#saveDurable();
    } catch (error) {
      logger.warn({ reason: MqError.from(error).message }, 'Queues could not be made durable');
      this.#queuesFailed(error);
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
    const next = this.#nextMark?.offset ?? -1;
    removeOtherSnapshots(fileSystem, directory, this.#mark.offset, next, this.#savingOffset);
  }

  /** One after the other: many at once would starve reads of threads. */
  async #syncFiles(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      if (!this.#deps.fileSystem.exists(path)) continue;
      const pinned = this.#deps.handles.pin(path);
      try {
        await pinned.handle.syncData();
      } catch (error) {
        this.#deps.fail(`fdatasync of ${path} failed: ${MqError.from(error).message}`);
        throw error;
      } finally {
        pinned.unpin();
      }
    }
  }

  #writeCheckpoint(): void {
    const { fileSystem, checkpointPath, log, index, dispatcher } = this.#deps;
    const fields: CheckpointFields = {
      physicMsgTimestamp: dispatcher.lastStoreTimestamp,
      logicsMsgTimestamp: this.#filesTimestamp,
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
      crcFrom: this.#deps.crcFrom,
      indexFiles: this.#mark.index?.files ?? 0,
      minOffset: this.#deps.log.minOffset,
      checkpointCrc: clean ? checkpointCrc(this.#deps.fileSystem, this.#deps.checkpointPath) : 0,
    };
  }
}

function isFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ENOSPC' || code === 'EDQUOT';
}
