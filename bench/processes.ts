/** What the kernel knows about the processes of a server, from /proc. */
import { readFileSync } from 'node:fs';

/** What the kernel counts processor time in. */
const TICKS_PER_SECOND = 100;
const KIB_PER_MIB = 1024;

/** User plus system time of the processes, in seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }, 0);
}

/** Resident memory of the processes: all of it, or what is not backed by a file. */
export function residentMb(pids: readonly number[], field: 'VmRSS' | 'RssAnon'): number {
  return pids.reduce((sum, pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const line = status.match(new RegExp(`${field}:\\s+(\\d+)`));
    return sum + Number(line?.[1] ?? 0) / KIB_PER_MIB;
  }, 0);
}

/** The load of the machine over the last minute. */
export function loadAverage(): string {
  return readFileSync('/proc/loadavg', 'utf8').split(' ')[0] ?? '?';
}
