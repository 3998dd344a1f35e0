/** What a server prints when it is ready: text for people, or one line of JSON for scripts. */
import type { FlushMode, RecoveryReport } from '@skylarkmq/store';
import { recoveryLine } from './recovery-line.ts';
import { VERSION } from './version.ts';

interface BannerBroker {
  readonly name: string;
  /** "host:port" as clients are told. */
  readonly address: string;
  readonly recovery: RecoveryReport;
}

/** Durability that is really given; memory: none. */
type Durability = FlushMode | 'memory';

export interface Banner {
  readonly pid: number;
  /** "host:port" of the name servers, `;` between; undefined when there is none. */
  readonly namesrv: string | undefined;
  readonly brokers: readonly BannerBroker[];
  /** Where the data is; null: in memory. Undefined for a server without data. */
  readonly data: string | null | undefined;
  readonly durability: Durability | undefined;
  /** Who may do what, if it is not everybody on this machine. */
  readonly access?: string | undefined;
  /** Since the process began. */
  readonly tookMs: number;
  /** The next command to try. */
  readonly next: string | undefined;
}

const PROMISES: Readonly<Record<Durability, string>> = {
  sync: 'SYNC_FLUSH: an acknowledged message survives a killed process and a power cut',
  async:
    'ASYNC_FLUSH: an acknowledged message survives a killed process; ' +
    'a power cut costs at most the last half second',
  memory: 'none: everything is in memory and gone when the process ends',
};

/** One line. `broker` is the first of `brokers`; `flush` is `sync`, `async` or `none`. */
export function bannerJson(banner: Banner): string {
  const { pid, namesrv, data, durability, access, tookMs, next } = banner;
  const brokers = banner.brokers.map(({ name, address, recovery }) => ({
    name,
    address,
    recovery: recoveryLine(recovery) ?? null,
  }));
  const broker = brokers[0]?.address;
  const flush = durability === 'memory' ? 'none' : durability;
  const startedMs = Math.round(tookMs);
  const fields = { ready: true, version: VERSION, pid, namesrv, broker, brokers, data, flush };
  return `${JSON.stringify({ ...fields, access, startedMs, next })}\n`;
}

/** Several lines, aligned. */
export function bannerText(banner: Banner): string {
  const { pid, namesrv, brokers, data, durability, access, tookMs, next } = banner;
  const rows: [string, string][] = [];
  if (namesrv !== undefined) rows.push(['name server', namesrv]);
  for (const { name, address } of brokers) rows.push(['broker', `${address}  ${name}`]);
  if (data !== undefined) rows.push(['data', data ?? 'in memory']);
  if (durability !== undefined) rows.push(['durability', PROMISES[durability]]);
  if (access !== undefined) rows.push(['access', access]);
  for (const { name, recovery } of brokers) {
    const line = recoveryLine(recovery);
    if (line !== undefined) rows.push(['recovery', `${name}: ${line}`]);
  }
  if (next !== undefined) rows.push(['try', next]);
  const seconds = (tookMs / 1000).toFixed(2);
  const lines = rows.map(([left, right]) => `  ${left.padEnd(13)}${right}\n`);
  return `Skylark ${VERSION} is ready after ${seconds} s (pid ${pid})\n${lines.join('')}`;
}
