/** Runs the load generators and reads their JSON lines. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { benchHome, type Peer, type Server } from './servers.ts';

/** What a generator prints of one run; microseconds unless said. */
export interface Figures {
  readonly mode: string;
  readonly rate: number;
  readonly broker_cpu_us_msg?: number;
  readonly p50us?: number;
  readonly p99us?: number;
  readonly p999us?: number;
  readonly errors?: number;
  readonly rss_mb?: number;
  readonly loadavg?: string;
  readonly msgs: number;
}

const longestRunMs = 180_000;

function lines(text: string): Figures[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Figures => JSON.parse(line));
}

/** The raw protocol generator (Go). `flags` as of bench/raw. */
export function raw(server: Server, flags: readonly string[]): Figures {
  const base = ['-broker', server.broker, '-ns', server.namesrv, '-label', server.name];
  const all = [...base, '-pid', server.pids.join(','), ...flags];
  return only(lines(run(join(benchHome(), 'bin/raw'), all)));
}

/** The official Java client. */
export function javaClient(server: Server, flags: readonly string[], mode: string): Figures {
  const script = join(import.meta.dirname, 'client.sh');
  const all = ['-ns', server.namesrv, '-pid', server.pids.join(','), '-label', server.name];
  return only(lines(run(script, [...all, ...flags, mode])));
}

/** A generator of this folder that uses our own client; flags as of bench/generator.ts. */
export function ownClient(server: Server, script: string, flags: readonly string[]): Figures {
  const base = ['--ns', server.namesrv, '--broker', server.broker, '--pid', server.pids.join(',')];
  const path = join(import.meta.dirname, script);
  return only(lines(run(process.execPath, ['--import', 'tsx', path, ...base, ...flags])));
}

/** NATS, Redis or PostgreSQL through bench/peers. */
export function peerFigures(
  peer: Peer,
  flags: readonly string[],
  modes: readonly string[],
): Figures[] {
  const all = ['-kind', peer.kind, '-addr', peer.address, '-pid', peer.pids.join(',')];
  return lines(run(join(benchHome(), 'bin/peers'), [...all, ...flags, ...modes]));
}

function run(command: string, flags: readonly string[]): string {
  const ended = spawnSync(command, flags, { encoding: 'utf8', timeout: longestRunMs });
  if (ended.status !== 0) {
    throw new Error(`${command} ${flags.join(' ')} ended with ${ended.status}: ${ended.stderr}`);
  }
  return ended.stdout;
}

function only(figures: readonly Figures[]): Figures {
  const [first] = figures;
  if (first === undefined) throw new Error('The generator printed no figures');
  return first;
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { min: at(0), median: at(sorted.length >> 1), max: at(sorted.length - 1) };
}

export function machine(): string {
  const model = execFileSync('sh', ['-c', "grep -m1 'model name' /proc/cpuinfo | cut -d: -f2"], {
    encoding: 'utf8',
  }).trim();
  return `${model}, Node ${process.version}`;
}
