/**
 * Brings the timer log and the wheel to the state that the checkpoint speaks of. What was written
 * after it is taken back: the timer queue is read again from there.
 */
import type { TimerLog } from './timer-log.ts';
import type { LoadedTimerState } from './timer-state.ts';
import { NO_POSITION, TIMER_UNIT_BYTES, TimerMagic, timerSecond } from './timer-unit.ts';
import type { TimerWheel } from './timer-wheel.ts';

export interface RecoverTimersDeps {
  readonly log: TimerLog;
  readonly wheel: TimerWheel;
  /** The offset in the timer queue of a record; -1 when the log does not have it. */
  queueOffsetOf(physicalOffset: number, recordBytes: number): Promise<number>;
}

/** False: log and wheel do not fit the checkpoint; they must be built again from the queue. */
export async function recoverTimers(
  deps: RecoverTimersDeps,
  { state, writer }: LoadedTimerState,
): Promise<boolean> {
  const { log } = deps;
  if (writer === 'none' || state.isDamaged) return false;
  if (state.logEnd > 0 && log.isEmpty) return false;
  const end = writer === 'ours' ? state.logEnd : await apachesEnd(deps, state);
  const scanEnd = log.scan(Math.max(end, log.start), () => undefined);
  if (end < log.start || scanEnd < end) return false;
  const last = lastPosition(log, end);
  if (last !== undefined && log.read(last) === undefined) return false;
  takeBack(deps, end);
  log.truncate(end, scanEnd);
  return true;
}

/** Where the last entry before `end` begins; undefined at the beginning of a file. */
function lastPosition(log: TimerLog, end: number): number | undefined {
  return end % log.fileBytes === 0 ? undefined : end - TIMER_UNIT_BYTES;
}

/**
 * Apache notes the position of what it has flushed, which is behind what its queue offset says: the
 * entries go on behind it, up to the first whose message has that offset.
 * RocketMQ: TimerMessageStore#recover
 */
async function apachesEnd(
  deps: RecoverTimersDeps,
  state: LoadedTimerState['state'],
): Promise<number> {
  const { log } = deps;
  const from = Math.max(log.start, state.logEnd - (state.logEnd % log.fileBytes));
  let end = log.scan(from, () => undefined);
  for (let at = lastPosition(log, end); at !== undefined; at = lastPosition(log, end)) {
    const unit = log.read(at);
    if (unit === undefined) break;
    const offset = await deps.queueOffsetOf(unit.physicalOffset, unit.recordBytes);
    if (offset < state.queueOffset) break;
    end = at;
  }
  return end;
}

/** Chains that begin behind `end` begin before it again. */
function takeBack({ log, wheel }: RecoverTimersDeps, end: number): void {
  const before = new Map<number, { previous: number; count: number }>();
  log.scan(end, (unit) => {
    if (unit.isRetired) return;
    const second = timerSecond(unit.outMs);
    const known = before.get(second);
    const weight = (unit.magic & TimerMagic.Delete) === 0 ? 1 : -1;
    if (known === undefined) before.set(second, { previous: unit.previous, count: weight });
    else known.count += weight;
  });
  for (const [second, { previous, count }] of before) {
    const slot = wheel.get(second);
    // The page may not have been written since: then the slot is what it was.
    if (slot.last < end) continue;
    const first = slot.first < end && previous >= 0 ? slot.first : NO_POSITION;
    wheel.set(second, { first, last: previous, count: Math.max(0, slot.count - count) });
  }
}
