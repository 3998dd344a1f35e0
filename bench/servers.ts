/**
 * The servers under test: Skylark as built, Apache RocketMQ 5.5.0 as published, and the peers.
 * Each runs as a process of its own on loopback; the one that is not measured is stopped with
 * SIGSTOP, so that two servers never compete for the processors.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A running server: where it listens, which processes to count, how to pause and stop it. */
export interface Server {
  readonly name: string;
  readonly namesrv: string;
  readonly broker: string;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export type Flush = 'sync' | 'async';

const root = join(import.meta.dirname, '..');
const START_LIMIT_MS = 180_000;

export function benchHome(): string {
  return execFileSync(join(import.meta.dirname, 'setup.sh'), { encoding: 'utf8' }).trim();
}

/** The jars of Apache RocketMQ 5.5.0, as an entry of a class path; fetches them when needed. */
export function apacheJars(): string {
  const script = join(import.meta.dirname, 'setup.sh');
  return join(execFileSync(script, ['apache'], { encoding: 'utf8' }).trim(), 'lib/*');
}

export function temporaryDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `skylark-bench-${name}-`));
}

/**
 * Starts the built command and waits for its one-line JSON banner. Without a `kept` directory the
 * data goes when the server stops.
 */
export async function startSkylark(
  flush: Flush,
  ports: [number, number],
  kept?: string,
): Promise<Server> {
  const directory = kept ?? temporaryDirectory('skylark');
  const main = join(root, 'packages/skylark/dist/main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: run npm run build first`);
  const flags = ['--data', directory, '--namesrv-port', String(ports[0])];
  flags.push('--broker-port', String(ports[1]), '--flush', flush, '--json');
  const child = spawn(process.execPath, [main, 'start', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await firstLine(child, 'skylark');
  if (child.pid === undefined) throw new Error('Skylark did not start');
  return {
    name: 'skylark',
    namesrv: `127.0.0.1:${ports[0]}`,
    broker: `127.0.0.1:${ports[1]}`,
    pids: [child.pid],
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      if (kept === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Starts the published name server and broker through apache.sh; `lines` are configuration. */
export function startApache(
  flush: Flush,
  ports: [number, number],
  lines: readonly string[] = [],
): Server {
  const directory = temporaryDirectory('apache');
  const script = join(import.meta.dirname, 'apache.sh');
  const [namesrvPort, brokerPort] = ports.map(String);
  const own = { NS_PORT: namesrvPort, BR_PORT: brokerPort, EXTRA: lines.join('\n') };
  const env = { ...process.env, ...own };
  const mode = flush === 'sync' ? 'SYNC_FLUSH' : 'ASYNC_FLUSH';
  execFileSync(script, ['up', directory, mode], { env, stdio: 'ignore' });
  const pid = (role: string): number =>
    Number(readFileSync(join(directory, `${role}.pid`), 'utf8').trim());
  const pids = [pid('broker'), pid('namesrv')];
  return {
    name: 'apache',
    namesrv: `127.0.0.1:${ports[0]}`,
    broker: `127.0.0.1:${ports[1]}`,
    pids,
    async stop() {
      resume({ pids });
      execFileSync(script, ['down', directory], { env, stdio: 'ignore' });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function pause(server: Pick<Server, 'pids'>): void {
  for (const pid of server.pids) process.kill(pid, 'SIGSTOP');
}

export function resume(server: Pick<Server, 'pids'>): void {
  for (const pid of server.pids) process.kill(pid, 'SIGCONT');
}

/** A peer outside the RocketMQ family: only an address and process ids. */
export interface Peer {
  readonly kind: 'nats' | 'redis' | 'postgres';
  readonly label: string;
  readonly address: string;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export async function startNats(port: number): Promise<Peer> {
  const directory = temporaryDirectory('nats');
  const binary = join(benchHome(), 'bin/nats-server');
  const child = spawn(binary, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', directory], {
    stdio: 'ignore',
  });
  await waitForPort(port);
  return peer(
    'nats',
    'NATS JetStream, file, default sync',
    `nats://127.0.0.1:${port}`,
    child,
    directory,
  );
}

export async function startRedis(port: number, sync: 'everysec' | 'always'): Promise<Peer> {
  const directory = temporaryDirectory('redis');
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  flags.push('--appendonly', 'yes', '--appendfsync', sync, '--save', '');
  const child = spawn('redis-server', flags, { stdio: 'ignore' });
  await waitForPort(port);
  return peer('redis', `Redis Streams, AOF ${sync}`, `127.0.0.1:${port}`, child, directory);
}

/** PostgreSQL refuses to run as root: it runs as `nobody` when this does. */
export async function startPostgres(port: number, flush: Flush): Promise<Peer> {
  const directory = temporaryDirectory('postgres');
  const data = join(directory, 'data');
  const asRoot = process.getuid?.() === 0;
  const owner = asRoot ? { uid: 65534, gid: 65534 } : {};
  if (asRoot) execFileSync('chown', ['-R', '65534:65534', directory]);
  const bin = postgresDirectory();
  const options = { ...owner, cwd: directory, stdio: 'ignore' as const };
  mkdirSync(join(directory, 'socket'));
  if (asRoot) execFileSync('chown', ['-R', '65534:65534', directory]);
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust'], options);
  const commit = flush === 'sync' ? 'on' : 'off';
  const settings = [`unix_socket_directories=${directory}/socket`, `synchronous_commit=${commit}`];
  const flags = ['-D', data, '-p', String(port), '-h', '127.0.0.1'];
  const all = [...flags, ...settings.flatMap((setting) => ['-c', setting])];
  const child = spawn(join(bin, 'postgres'), all, options);
  await waitForPort(port);
  const address = `postgres://bench@127.0.0.1:${port}/postgres`;
  return peer(
    'postgres',
    `PostgreSQL table, synchronous_commit ${commit}`,
    address,
    child,
    directory,
  );
}

function postgresDirectory(): string {
  const found = execFileSync('sh', ['-c', 'ls -d /usr/lib/postgresql/*/bin | tail -1'], {
    encoding: 'utf8',
  }).trim();
  if (found === '') throw new Error('PostgreSQL is not installed');
  return found;
}

function peer(
  kind: Peer['kind'],
  label: string,
  address: string,
  child: ChildProcess,
  directory: string,
): Peer {
  if (child.pid === undefined) throw new Error(`${label} did not start`);
  return {
    kind,
    label,
    address,
    pids: [child.pid],
    async stop() {
      const gone = new Promise((resolve) => child.once('close', resolve));
      // PostgreSQL's word for "now, and in order": its processes end with it, and write no more.
      if (child.exitCode === null && child.kill('SIGINT')) await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function firstLine(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once('exit', (code) => reject(new Error(`${name} ended with code ${code}: ${text}`)));
  });
}

async function waitForPort(port: number): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await isListening(port))) {
    if (performance.now() > deadline) throw new Error(`Nothing listens on port ${port}`);
    await delay(50);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
