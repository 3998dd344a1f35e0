import type { RecoveryReport } from '@skylarkmq/store';

/** What was repaired when a store was opened, in one line; undefined when nothing was. */
export function recoveryLine(report: RecoveryReport): string | undefined {
  const parts: string[] = [];
  if (!report.clean) {
    parts.push('the last stop was not clean', `${report.recordsScanned} records checked`);
  }
  if (report.recordsRedispatched > 0) {
    parts.push(`${report.recordsRedispatched} put into their queues again`);
  }
  const [first] = report.damaged;
  if (first !== undefined) {
    const kept = first.quarantine === null ? 'left in the log' : `kept in ${first.quarantine}`;
    const place = `bytes ${first.start} to ${first.end} (${first.reason}), ${kept}`;
    parts.push(`${report.damaged.length} damaged ranges, the first one ${place}`);
  }
  if (parts.length === 0) return undefined;
  return `${parts.join('; ')}; took ${Math.round(report.durationMs)} ms`;
}
