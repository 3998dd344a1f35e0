/**
 * Which messages of the timer queue are due when, on disk: log, wheel and checkpoint together, as
 * Apache keeps them (docs/formats/timer.md). All of it can be built again from the timer queue. It
 * must not know what messages are, nor deliver any.
 */
import { type FileSystem, type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import { recoverTimers } from './recover-timers.ts';
import { TimerLog } from './timer-log.ts';
import {
  encodeTimerCheck,
  type LoadedTimerState,
  NO_TIMER_STATE,
  type TimerState,
  TimerStateFile,
} from './timer-state.ts';
import { NO_POSITION, TimerMagic, type TimerUnit, timerSecond } from './timer-unit.ts';
import { TimerWheel, WHEEL_BYTES, WHEEL_SECONDS } from './timer-wheel.ts';

/** RocketMQ: MessageStoreConfig#mappedFileSizeTimerLog */
const LOG_FILE_BYTES = 104_857_600;
/** Changed pages of the wheel (8 MiB) that ask to be written. */
const DIRTY_PAGES = 2048;
const MS_PER_SECOND = 1000;
/** Entries this much older than what is done may have been late: they are built again. */
const REBUILD_SLACK_MS = 60_000;

export interface TimerIndexDeps {
  readonly fileSystem: FileSystem;
  /** The store's root. */
  readonly directory: string;
  readonly logger: Logger;
  /** Default Apache's 100 MiB. */
  readonly logFileBytes?: number;
  /** First and next offset of the timer queue. */
  readonly queueRange: { readonly min: number; readonly max: number };
  /** The offset in the timer queue of a record; -1 when the log does not have it. */
  queueOffsetOf(physicalOffset: number, recordBytes: number): Promise<number>;
}

/** One message, for `add`. */
export type NewTimer = Omit<TimerUnit, 'position' | 'previous' | 'isRetired'>;

/** How far deliveries are, for `save`. */
export interface TimerProgress {
  readonly queueOffset: number;
  readonly doneMs: number;
}

interface Files {
  readonly log: TimerLog;
  readonly wheel: TimerWheel;
  readonly stateFile: TimerStateFile;
}

export class TimerIndex {
  /** Where to go on reading the timer queue. */
  readonly startOffset: number;
  /** What was found was of no use, and everything is read again. */
  readonly isRebuilt: boolean;
  /** Entries that are neither delivered nor recalled, about. */
  pending = 0;
  readonly #deps: TimerIndexDeps;
  #files: Files | undefined;
  /** As on disk. */
  #state: TimerState;
  /** As found by `open`. */
  readonly #found: TimerState;

  private constructor(
    deps: TimerIndexDeps,
    files: Files | undefined,
    state: TimerState,
    isRebuilt: boolean,
  ) {
    this.#deps = deps;
    this.#files = files;
    this.#found = state;
    this.#state = state;
    this.startOffset = state.queueOffset;
    this.isRebuilt = isRebuilt;
    if (files !== undefined && !isRebuilt) {
      this.pending = files.wheel.scan(timerSecond(state.doneMs));
    }
  }

  /** Recovers what is there; makes no files before the first entry needs them. */
  static async open(deps: TimerIndexDeps): Promise<TimerIndex> {
    const { fileSystem, directory, queueRange, logger } = deps;
    const wheelBytes = fileSystem.stat(`${directory}/timerwheel`)?.size ?? 0;
    if (wheelBytes === 0) {
      const kept = loadState(deps);
      for (const name of ['timerlog', 'timerwheel']) fileSystem.remove(`${directory}/${name}`);
      return new TimerIndex(deps, undefined, restart(kept.state, queueRange.min), true);
    }
    if (wheelBytes > WHEEL_BYTES) throw otherPrecision(directory, wheelBytes);
    let files = openFiles(deps);
    const loaded = files.stateFile.load();
    const { state } = loaded;
    const isWhole = wheelBytes === WHEEL_BYTES && state.queueOffset <= queueRange.max;
    const fits = isWhole && (await recoverTimers({ ...files, ...deps }, loaded));
    if (fits) return new TimerIndex(deps, files, state, false);
    logger.warn({ directory, state }, 'The timers are built again from the timer queue');
    closeFiles(files);
    for (const name of ['timerlog', 'timerwheel']) fileSystem.remove(`${directory}/${name}`);
    files = openFiles(deps);
    const fresh = restart(state, queueRange.min);
    await files.stateFile.save(fresh);
    return new TimerIndex(deps, files, fresh, true);
  }

  /** All that is due up to here was delivered before `open`. */
  get foundDoneMs(): number {
    return this.#found.doneMs;
  }

  /** Whether a message that `open` found in the queue had been delivered. */
  wasDone(queueOffset: number, dueMs: number): boolean {
    const { doneQueueOffset, doneMs } = this.#found;
    const slackMs = this.isRebuilt ? REBUILD_SLACK_MS : 0;
    return queueOffset < doneQueueOffset && dueMs <= doneMs - slackMs;
  }

  /** Whether the wheel is free for that time: it comes round every two weeks. */
  hasRoom(outMs: number, doneMs: number): boolean {
    const second = timerSecond(outMs);
    if (this.#files === undefined) return true;
    const holder = this.#files.wheel.holderOf(second);
    return holder === second || holder < timerSecond(doneMs);
  }

  /** Adds an entry to its second's chain. */
  add(timer: NewTimer): void {
    const { log, wheel } = this.#open();
    const second = timerSecond(timer.outMs);
    const slot = wheel.get(second);
    const unit = { ...timer, position: NO_POSITION, previous: slot.last, isRetired: false };
    log.append(unit);
    const isDelete = (timer.magic & TimerMagic.Delete) !== 0;
    wheel.set(second, {
      first: slot.last < 0 ? unit.position : slot.first,
      last: unit.position,
      count: Math.max(0, slot.count + (isDelete ? -1 : 1)),
    });
    if (!isDelete) this.pending += 1;
  }

  /** How many messages a second has. */
  countAt(outMs: number): number {
    return this.#files?.wheel.get(timerSecond(outMs)).count ?? 0;
  }

  /** The first second in [from, to) that has entries; undefined for none. */
  next(from: number, to: number): number | undefined {
    return this.#files?.wheel.next(from, Math.min(to, from + WHEEL_SECONDS));
  }

  /** The entries of a second, newest first. */
  *chain(second: number): Generator<TimerUnit, void, undefined> {
    if (this.#files === undefined) return;
    const { log, wheel } = this.#files;
    for (let at = wheel.get(second).last; at >= log.start; ) {
      const unit = log.read(at);
      const isOfChain = unit?.isRetired === true || timerSecond(unit?.outMs ?? 0) === second;
      if (unit === undefined || !isOfChain) {
        const fields = { second, position: at };
        this.#deps.logger.error(fields, 'The timer log is damaged; the next start builds it again');
        this.#state = { ...this.#state, isDamaged: true };
        return;
      }
      if (!unit.isRetired) yield unit;
      at = unit.previous;
    }
  }

  /** Leaves in a second's chain only what `keeps` says: for who takes over, Apache among them. */
  trim(second: number, keeps: (unit: TimerUnit) => boolean): void {
    if (this.#files === undefined) return;
    const { log, wheel } = this.#files;
    const units = [...this.chain(second)];
    const kept = units.filter(keeps);
    // Apache's slot gets the newest entry of the log that has its time, whatever ours says.
    // RocketMQ: TimerMessageStore#recoverAndRevise
    for (const unit of units) {
      if (unit === kept[0]) break;
      log.retire(unit, second * MS_PER_SECOND - 1);
    }
    for (const [index, unit] of kept.entries()) {
      const previous = kept[index + 1]?.position ?? NO_POSITION;
      if (unit.previous !== previous) log.relink(unit.position, previous);
    }
    const first = kept[kept.length - 1]?.position ?? NO_POSITION;
    const deletes = kept.filter((unit) => (unit.magic & TimerMagic.Delete) !== 0).length;
    const count = Math.max(0, kept.length - 2 * deletes);
    wheel.set(second, { first, last: kept[0]?.position ?? NO_POSITION, count });
  }

  /** Whether there ever was an entry. */
  get hasFiles(): boolean {
    return this.#files !== undefined;
  }

  /** So much changed that a whole `save` should come soon. */
  get isFull(): boolean {
    return (this.#files?.wheel.dirtyPages ?? 0) >= DIRTY_PAGES;
  }

  /**
   * Notes how far deliveries are, and with `whole` all entries up to now, which are those of the
   * queue before `progress.queueOffset`. First waits for `durable`: nothing on disk may be ahead of
   * the messages that it speaks of. One at a time.
   */
  async save(
    progress: TimerProgress,
    whole: boolean,
    rollMs: number,
    durable: () => Promise<void>,
  ): Promise<void> {
    const { log, wheel, stateFile } = this.#open();
    if (whole) wheel.freeze();
    log.write();
    const { end } = log;
    await durable();
    if (whole) {
      await log.sync();
      await wheel.flush();
    }
    const { queueOffset, logEnd, changes, isDamaged } = this.#state;
    const state = {
      isDamaged,
      queueOffset: whole ? progress.queueOffset : queueOffset,
      logEnd: whole ? end : logEnd,
      doneQueueOffset: progress.queueOffset,
      doneMs: progress.doneMs,
      changes: changes + 1,
    };
    await stateFile.save(state);
    this.#state = state;
    if (whole) log.removeBefore(state.doneMs, (lastWriteMs) => lastWriteMs + 2 * rollMs);
  }

  /** The body of GET_TIMER_CHECK_POINT. */
  checkpoint(): Buffer {
    return encodeTimerCheck(this.#state);
  }

  close(): void {
    if (this.#files !== undefined) closeFiles(this.#files);
  }

  #open(): Files {
    this.#files ??= openFiles(this.#deps);
    return this.#files;
  }
}

/** Everything is read again; what is known to be delivered stays known. */
function restart(state: TimerState, queueOffset: number): TimerState {
  return { ...state, queueOffset, logEnd: 0, isDamaged: false };
}

function loadState({ fileSystem, directory }: TimerIndexDeps): LoadedTimerState {
  if (!fileSystem.exists(`${directory}/config/timercheck`)) {
    return { state: NO_TIMER_STATE, writer: 'none' };
  }
  const file = new TimerStateFile(fileSystem, `${directory}/config`);
  const loaded = file.load();
  file.close();
  return loaded;
}

function openFiles({ fileSystem, directory, logFileBytes }: TimerIndexDeps): Files {
  const log = new TimerLog(fileSystem, `${directory}/timerlog`, logFileBytes ?? LOG_FILE_BYTES);
  const wheel = new TimerWheel(fileSystem, `${directory}/timerwheel`);
  const stateFile = new TimerStateFile(fileSystem, `${directory}/config`);
  fileSystem.syncDirectory(directory);
  return { log, wheel, stateFile };
}

function closeFiles({ log, wheel, stateFile }: Files): void {
  log.close();
  wheel.close();
  stateFile.close();
}

function otherPrecision(directory: string, bytes: number): MqError {
  const what = `${directory}/timerwheel has ${bytes} bytes, not ${WHEEL_BYTES}`;
  const cure = 'it was written with timerPrecisionMs below 1000; only 1000 is supported';
  return new MqError(MqErrorCode.Corrupt, `${what}: ${cure}`);
}
