/**
 * Brings appended bytes to the disk: one write for everything of a tick, one fdatasync for
 * everybody who waits. Also what happens when the disk says no. Knows the log and the ring of what
 * is pending; what dispatch does with a finished entry is the caller's.
 */
import { type Clock, type Logger, MqError, type Scheduler, type Timer } from '@skylarkmq/base';
import type { AppendCompletion } from '../append-request.ts';
import { PutStatus } from '../put-status.ts';
import type { FlushMode } from '../store-options.ts';
import type { CommitLog, LogEnd } from './commit-log.ts';
import { blankAndSync } from './disk-probe.ts';
import { ENTRY_WAITS, type PendingRing } from './pending-ring.ts';
import type { PreWriter } from './pre-writer.ts';
import type { TailChunk } from './tail-cache.ts';
import { WritePace } from './write-pace.ts';

/** How often a full disk is tried again. */
const PROBE_INTERVAL_MS = 1000;
/** How often a running fdatasync is asked whether somebody waits too long. */
const LATE_INTERVAL_MS = 500;

export interface LogWriterDeps {
  readonly log: CommitLog;
  readonly ring: PendingRing;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly flush: FlushMode;
  /** Period of the background fdatasync with ASYNC flush. */
  readonly flushIntervalMs: number;
  /** With SYNC flush: who waits longer for fdatasync hears that it is late. */
  readonly flushTimeoutMs: number;
  /** Null when the blocks ahead need no preparation. */
  readonly preWriter: PreWriter | null;
  /** Makes the entry at a ring slot visible. */
  readonly dispatch: (slot: number) => void;
  /** After everything of a tick was dispatched. */
  readonly onAdvance: () => void;
  /** The disk failed for good. */
  readonly onFailure: (reason: string) => void;
}

/** `open` accepts; `blocked` tries again by itself; `failed` and `closed` are final. */
export type WriterState = 'open' | 'blocked' | 'failed' | 'closed';

export class LogWriter {
  state: WriterState = 'open';
  /** Why the state is not `open`. */
  reason = '';
  readonly #deps: LogWriterDeps;
  readonly #log: CommitLog;
  readonly #ring: PendingRing;
  readonly #synced: boolean;
  readonly #pace: WritePace;
  #scheduled = false;
  #writing = false;
  #syncing = false;
  #writtenSequence = 0;
  /** Bytes up to here may be left of a write that failed. */
  #staleEnd = 0;
  #dirty = new Set<string>();
  #flushTimer: Timer | null = null;
  #lateTimer: Timer | null = null;
  #probeTimer: Timer | null = null;
  #idleWaiters: (() => void)[] = [];

  constructor(deps: LogWriterDeps) {
    this.#deps = deps;
    this.#log = deps.log;
    this.#ring = deps.ring;
    this.#synced = deps.flush === 'sync';
    this.#pace = new WritePace(deps.logger);
  }

  /** Bytes that are accepted but not finished. */
  get pendingBytes(): number {
    return this.#log.endOffset - (this.#synced ? this.#log.durableOffset : this.#log.writtenOffset);
  }

  /** Whether the kernel made synchronous writes too slow. */
  get writesAsynchronously(): boolean {
    return this.#pace.isAsynchronous;
  }

  /** To be called after each append. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#deps.scheduler.immediate(this.#tick);
  }

  /** Resolves when all that is appended now is written and durable, or never will be. */
  async flush(): Promise<void> {
    for (;;) {
      const settled = this.state === 'failed' || this.state === 'blocked';
      if (settled && !this.#writing && !this.#syncing) return;
      if (!settled) {
        this.#writePending();
        this.#startSync();
      }
      const done = this.#log.durableOffset === this.#log.endOffset;
      if (done && !this.#writing && !this.#syncing) return;
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    }
  }

  /** Flushes and refuses from now on. */
  async close(): Promise<void> {
    await this.flush();
    this.#flushTimer?.cancel();
    this.#probeTimer?.cancel();
    this.#lateTimer?.cancel();
    if (this.state !== 'failed') {
      this.state = 'closed';
      this.reason = 'The store is closed';
    }
    this.#rollBack();
    await this.#deps.preWriter?.stop();
  }

  readonly #tick = (): void => {
    this.#scheduled = false;
    if (this.state === 'open') this.#writePending();
  };

  #writePending(): void {
    const log = this.#log;
    if (this.#writing || log.writtenOffset === log.endOffset) return;
    const blocker = this.#deps.preWriter?.blocks(log.endOffset) ?? null;
    if (blocker !== null || this.#pace.isAsynchronous) {
      this.#writing = true;
      void this.#writeAsynchronously(blocker);
      return;
    }
    const before = this.#deps.clock.monotonicMs();
    try {
      log.tail.forEachFrom(log.writtenOffset, this.#writeChunk);
    } catch (error) {
      this.#writeFailed(error);
      return;
    }
    this.#pace.wroteSync(this.#deps.clock.monotonicMs() - before);
    this.#written(log.end, this.#ring.tail);
  }

  readonly #writeChunk = (chunk: TailChunk, start: number): void => {
    const { path } = chunk.segment;
    this.#dirty.add(path);
    const handle = this.#log.handles.use(path);
    const at = start - chunk.segment.start;
    handle.writeSync(chunk.buffer, start - chunk.base, chunk.end - start, at);
  };

  async #writeAsynchronously(blocker: Promise<void> | null): Promise<void> {
    await blocker;
    const log = this.#log;
    const { end } = log;
    const sequence = this.#ring.tail;
    const parts: { chunk: TailChunk; start: number; end: number }[] = [];
    log.tail.forEachFrom(log.writtenOffset, (chunk, start) => {
      parts.push({ chunk, start, end: chunk.end });
    });
    const before = this.#deps.clock.monotonicMs();
    try {
      for (const { chunk, start, end: partEnd } of parts) {
        const { path } = chunk.segment;
        this.#dirty.add(path);
        const pinned = log.handles.pin(path);
        const at = start - chunk.segment.start;
        await pinned.handle
          .write(chunk.buffer, start - chunk.base, partEnd - start, at)
          .finally(() => pinned.unpin());
      }
    } catch (error) {
      this.#writing = false;
      this.#writeFailed(error);
      return;
    }
    this.#writing = false;
    this.#pace.wroteAsync(this.#deps.clock.monotonicMs() - before);
    if (this.state === 'failed') return;
    this.#written(end, sequence);
    if (log.endOffset > end.offset) this.schedule();
  }

  #written(end: LogEnd, sequence: number): void {
    const from = this.#writtenSequence;
    this.#log.written = end;
    this.#writtenSequence = sequence;
    if (this.#synced) {
      this.#completeImpatient(from, sequence);
      this.#startSync();
      this.#deps.preWriter?.advance();
    } else {
      this.#finish(sequence);
      this.#armFlush();
    }
    this.#wakeIdle();
  }

  /** With SYNC flush: whoever does not wait for the disk hears now. */
  #completeImpatient(from: number, to: number): void {
    const ring = this.#ring;
    for (let sequence = from; sequence < to; sequence += 1) {
      const slot = ring.slot(sequence);
      const completion = ring.completions[slot];
      if (!completion || ((ring.flags[slot] ?? 0) & ENTRY_WAITS) !== 0) continue;
      ring.completions[slot] = null;
      this.#complete(completion, PutStatus.Ok);
    }
  }

  #finish(sequence: number): void {
    const ring = this.#ring;
    while (ring.head < sequence) {
      const slot = ring.slot(ring.head);
      const completion = ring.completions[slot];
      ring.completions[slot] = null;
      try {
        this.#deps.dispatch(slot);
      } catch (error) {
        // The message is safe in the log; recovery puts it into its queue again.
        const { message } = MqError.from(error);
        this.#deps.logger.error({ reason: message }, 'A message could not be dispatched');
      }
      ring.release();
      if (completion) this.#complete(completion, PutStatus.Ok);
    }
    this.#deps.onAdvance();
  }

  #complete(completion: AppendCompletion, status: PutStatus): void {
    try {
      completion.completed(status);
    } catch (error) {
      const { message } = MqError.from(error);
      this.#deps.logger.error({ reason: message }, 'A completion failed');
    }
  }

  #armFlush(): void {
    if (this.#flushTimer !== null || this.#syncing) return;
    this.#flushTimer = this.#deps.scheduler.after(this.#deps.flushIntervalMs, () => {
      this.#flushTimer = null;
      this.#startSync();
    });
  }

  #startSync(): void {
    const log = this.#log;
    if (this.#syncing || this.state === 'failed' || log.durableOffset === log.writtenOffset) return;
    this.#syncing = true;
    void this.#sync(log.written, this.#writtenSequence);
    if (this.#synced) this.#watch();
  }

  /** A disk that hangs: who waits too long hears it, the message may still become durable. */
  #watch(): void {
    if (this.#lateTimer !== null) return;
    this.#lateTimer = this.#deps.scheduler.after(LATE_INTERVAL_MS, () => {
      this.#lateTimer = null;
      if (!this.#syncing || this.state === 'failed') return;
      const latest = this.#deps.clock.nowMs() - this.#deps.flushTimeoutMs;
      const ring = this.#ring;
      for (let sequence = ring.head; sequence < this.#writtenSequence; sequence += 1) {
        const slot = ring.slot(sequence);
        if ((ring.storeTimestamps[slot] ?? 0) > latest) break;
        const completion = ring.completions[slot];
        ring.completions[slot] = null;
        if (completion) this.#complete(completion, PutStatus.FlushDiskTimeout);
      }
      this.#watch();
    });
  }

  async #sync(end: LogEnd, sequence: number): Promise<void> {
    const paths = [...this.#dirty];
    this.#dirty.clear();
    const pins = paths.map((path) => this.#log.handles.pin(path));
    try {
      await Promise.all(pins.map((pin) => pin.handle.syncData()));
    } catch (error) {
      this.#syncing = false;
      const { message } = MqError.from(error);
      this.fail(`fdatasync of ${paths.join(', ')} failed: ${message}`);
      return;
    } finally {
      for (const pin of pins) pin.unpin();
    }
    this.#syncing = false;
    // What another sync's failure gave up stays given up.
    if (this.state === 'failed') return;
    this.#log.durable = end;
    if (this.#synced) {
      this.#finish(sequence);
      this.#startSync();
    } else if (this.#log.writtenOffset > end.offset) {
      this.#armFlush();
    }
    this.#wakeIdle();
  }

  #writeFailed(error: unknown): void {
    const log = this.#log;
    const path = log.segments.find(log.writtenOffset)?.path ?? '';
    if (this.state === 'failed') return;
    this.state = 'blocked';
    this.reason = `Writing ${path} failed: ${MqError.from(error).message}`;
    this.#deps.logger.error({ reason: this.reason }, 'The store refuses messages for now');
    this.#rollBack();
    this.#armProbe();
    this.#wakeIdle();
  }

  /** Gives up what is not written: queue offsets go back, whoever waits hears it. */
  #rollBack(): void {
    const ring = this.#ring;
    const log = this.#log;
    const waiting: AppendCompletion[] = [];
    while (ring.tail > this.#writtenSequence) {
      const slot = ring.pop();
      const queue = ring.queues[slot];
      if (queue && ring.takesOffset(slot)) queue.nextOffset = ring.queueOffsets[slot] ?? 0;
      const completion = ring.completions[slot];
      ring.completions[slot] = null;
      if (completion) waiting.push(completion);
    }
    this.#staleEnd = Math.max(this.#staleEnd, log.endOffset);
    log.rewind();
    for (let i = waiting.length - 1; i >= 0; i -= 1) {
      const completion = waiting[i];
      if (completion) this.#complete(completion, PutStatus.ServiceNotAvailable);
    }
  }

  /** An error of fdatasync is final: the kernel may have dropped what it could not write. */
  fail(reason: string): void {
    if (this.state === 'failed') return;
    this.state = 'failed';
    this.reason = reason;
    this.#deps.logger.error({ reason }, 'The store has failed and accepts nothing any more');
    this.#flushTimer?.cancel();
    this.#probeTimer?.cancel();
    this.#rollBack();
    const ring = this.#ring;
    for (let sequence = ring.head; sequence < ring.tail; sequence += 1) {
      const slot = ring.slot(sequence);
      const completion = ring.completions[slot];
      ring.completions[slot] = null;
      if (completion) this.#complete(completion, PutStatus.ServiceNotAvailable);
    }
    this.#deps.onFailure(reason);
    this.#wakeIdle();
  }

  #armProbe(): void {
    this.#probeTimer?.cancel();
    this.#probeTimer = this.#deps.scheduler.after(PROBE_INTERVAL_MS, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    if (this.state !== 'blocked') return;
    const from = this.#log.writtenOffset;
    const outcome = await blankAndSync(this.#log, from, this.#staleEnd);
    if (this.state !== 'blocked') return;
    if (outcome.kind === 'failed') this.fail(outcome.reason);
    else if (outcome.kind === 'full') this.#armProbe();
    else {
      this.#staleEnd = 0;
      this.state = 'open';
      this.reason = '';
      this.#deps.logger.info({}, 'The store accepts messages again');
    }
  }

  #wakeIdle(): void {
    const waiters = this.#idleWaiters;
    if (waiters.length === 0) return;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }
}
