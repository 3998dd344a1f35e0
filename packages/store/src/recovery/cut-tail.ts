/** What lies behind the end of the log is put aside, then blanked: it must not come back. */
import type { DamagedRange } from '../recovery-report.ts';
import { LogScanner } from './log-scanner.ts';
import { blank, copyAside, lastUsed } from './quarantine.ts';
import type { RecoveryInput } from './recovery-input.ts';
import type { RecoveryPlan } from './recovery-plan.ts';

/** Cuts the log off at `end`; reports each stretch that was not empty. */
export function cutTail(
  input: RecoveryInput,
  plan: RecoveryPlan,
  end: number,
  reason: string,
): DamagedRange[] {
  const { log, options, verifier } = input;
  const { logger, fileSystem, directory } = options;
  if (plan.scanFrom >= plan.knownEnd) return [];
  const found: DamagedRange[] = [];
  for (const segment of [...log.segments.segments]) {
    const fileEnd = log.fileEnd(segment);
    if (fileEnd <= end) continue;
    const from = Math.max(end, segment.start);
    const used = lastUsed(log, from, Math.min(fileEnd, Math.max(from, plan.writeLimit)));
    if (used > from) {
      const quarantine = copyAside(log, fileSystem, `${directory}/quarantine`, from, used);
      const recordsBehind = countRecords(new LogScanner(log, verifier), from, used);
      logger.warn({ from, to: used, quarantine, recordsBehind, reason }, 'The log was cut off');
      found.push({ start: from, end: used, reason, quarantine, recordsBehind });
      blank(log, from, used);
    }
    if (segment.start >= end && segment.start > log.minOffset) log.segments.remove(segment);
  }
  log.segments.syncDirectories();
  return found;
}

function countRecords(scanner: LogScanner, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; ) {
    const next = scanner.findProven(at, to);
    if (next >= to) break;
    const stop = scanner.run(next, () => {
      count += 1;
    });
    at = Math.max(stop.offset, next) + 1;
  }
  return count;
}
