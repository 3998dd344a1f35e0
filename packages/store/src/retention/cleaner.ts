/**
 * Removes what is old, or what the disk has no room for, and says when sends must be refused.
 * RocketMQ: DefaultMessageStore.CleanCommitLogService
 */

import type { Timer } from '@skylarkmq/base';
import { type Clock, type FileSystem, type Logger, MqError, type Scheduler } from '@skylarkmq/base';
import type { Appender } from '../commit-log/appender.ts';
import type { CommitLog } from '../commit-log/commit-log.ts';
import type { QueueTable } from '../consume-queue/queue-table.ts';
import { correctMinOffset, dropOldSegments } from '../consume-queue/queue-trimming.ts';
import type { ExtensionWriter } from '../consume-queue-ext/extension-writer.ts';
import type { IndexService } from '../index/index-service.ts';
import type { RetentionOptions } from '../store-options.ts';

const HOUR_MS = 3600_000;
/** Files that go in one round. RocketMQ: deleteFileBatchMax */
const FILES_PER_ROUND = 10;
/** Looking through the queues may hold up the event loop for so long at a time. */
const SLICE_MS = 4;

export interface CleanerDeps {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly log: CommitLog;
  readonly queues: QueueTable;
  readonly index: IndexService | null;
  readonly appender: Appender;
  readonly directory: string;
  readonly retention: Required<RetentionOptions>;
  readonly extensions: Pick<ExtensionWriter, 'trim'>;
}

export class Cleaner {
  /** Used part of the log's volume, 0 to 1, as of the last look. */
  diskRatio = 0;
  readonly #deps: CleanerDeps;
  #timer: Timer | null = null;
  #trimming: Promise<void> = Promise.resolve();
  /** Up to here queues and index follow the log, or are about to. */
  #trimmedTo = 0;

  constructor(deps: CleanerDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { scheduler, retention } = this.#deps;
    this.#timer = scheduler.every(retention.intervalMs, () => this.#round());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#trimming;
  }

  /** Removes expired files whatever the hour; returns how many files of the log went. */
  async deleteNow(): Promise<number> {
    const removed = this.#clean(true, false);
    await this.#trimming;
    return removed;
  }

  #round(): void {
    const { logger, retention, clock } = this.#deps;
    try {
      this.#look();
      const hour = String(new Date(clock.nowMs()).getHours()).padStart(2, '0');
      const due = retention.deleteWhen.split(';').some((when) => when.trim() === hour);
      const force = retention.cleanForcibly && this.diskRatio > retention.diskCleanForciblyRatio;
      if (due || force || this.diskRatio > retention.diskMaxUsedRatio) this.#clean(true, force);
    } catch (error) {
      logger.error({ reason: MqError.from(error).message }, 'Removing old files failed');
    }
  }

  /** How full the disk is, and whether sends are refused because of it. */
  #look(): void {
    const { fileSystem, log, appender, retention, directory, logger } = this.#deps;
    const path = log.segments.last?.path ?? directory;
    const { totalBytes, availableBytes } = fileSystem.volume(path);
    this.diskRatio = totalBytes === 0 ? 0 : 1 - availableBytes / totalBytes;
    const full = this.diskRatio > retention.diskWarningRatio;
    if (!full) {
      appender.blockedReason = '';
      return;
    }
    const used = (this.diskRatio * 100).toFixed(1);
    const limit = (retention.diskWarningRatio * 100).toFixed(1);
    const reason =
      `The disk of ${path} is ${used} % full, ` +
      `the limit is ${limit} % (diskSpaceWarningLevelRatio)`;
    if (appender.blockedReason === '') logger.error({ reason }, 'The store refuses messages');
    appender.blockedReason = reason;
  }

  #clean(expired: boolean, force: boolean): number {
    const { fileSystem, log, clock, retention, logger } = this.#deps;
    const { segments } = log;
    const oldest = clock.nowMs() - retention.hours * HOUR_MS;
    let removed = 0;
    while (removed < FILES_PER_ROUND && segments.segments.length > 1) {
      const { first } = segments;
      if (first === undefined || log.fileEnd(first) > log.writtenOffset) break;
      const modified = fileSystem.stat(first.path)?.modifiedMs ?? 0;
      if (!force && !(expired && modified <= oldest)) break;
      logger.info({ path: first.path, force }, 'Removing an old file of the log');
      segments.remove(first);
      removed += 1;
    }
    if (removed > 0) this.#trimming = this.#trimming.then(() => this.#trimDerived());
    return removed;
  }

  /** In slices: tens of thousands of queues take a second. */
  async #trimDerived(): Promise<void> {
    const { log, queues, index, extensions, clock, scheduler, logger } = this.#deps;
    const { minOffset } = log;
    if (minOffset === this.#trimmedTo) return;
    this.#trimmedTo = minOffset;
    let until = clock.monotonicMs() + SLICE_MS;
    try {
      for (const queue of queues.all()) {
        correctMinOffset(queue, minOffset);
        dropOldSegments(queue, minOffset);
        extensions.trim(queue);
        if (clock.monotonicMs() < until) continue;
        await new Promise<void>((resolve) => scheduler.immediate(resolve));
        until = clock.monotonicMs() + SLICE_MS;
      }
      index?.deleteBefore(minOffset);
    } catch (error) {
      logger.error({ reason: MqError.from(error).message }, 'Old queue files could not be removed');
    }
  }
}
