/** The built `skylark start`, killed and started again on the same data and ports. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from '../servers/child.ts';
import { freePort } from '../servers/ports.ts';

const MAIN = join(import.meta.dirname, '../../packages/skylark/dist/main.js');

const LOAD_LIMIT_MS = 180_000;

export class KilledServer {
  readonly namesrv: string;
  readonly data: string;
  /** When each killed process was gone, milliseconds since 1970. */
  readonly kills: number[] = [];
  /** The longest start, from exec to ready, milliseconds. */
  startMsMax = 0;
  readonly #args: readonly string[];
  #child: Child;

  private constructor(data: string, args: readonly string[], namesrv: string) {
    this.data = data;
    this.#args = args;
    this.namesrv = namesrv;
    this.#child = this.#spawn();
  }

  /** Starts it for the first time. */
  static async start(data: string, flush: 'sync' | 'async'): Promise<KilledServer> {
    const ports = [await freePort(), await freePort()];
    const args = ['start', '--data', data, '--namesrv-port', String(ports[0])];
    args.push('--broker-port', String(ports[1]), '--flush', flush, '--json');
    const server = new KilledServer(data, args, `127.0.0.1:${ports[0]}`);
    await server.#ready();
    return server;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#child.kill();
    this.kills.push(Date.now());
  }

  /** After a kill; resolves when it is ready. */
  async restart(): Promise<void> {
    this.#child = this.#spawn();
    await this.#ready();
  }

  /** A clean stop. */
  async stop(): Promise<void> {
    await this.#child.stop();
  }

  #spawn(): Child {
    const args = [MAIN, ...this.#args];
    return new Child({ name: 'skylark start', command: process.execPath, args });
  }

  async #ready(): Promise<void> {
    const began = performance.now();
    await this.#child.firstLine();
    this.startMsMax = Math.max(this.startMsMax, performance.now() - began);
  }
}

/** Waits until there was load, however slow the machine is; the test says if there never was. */
export async function loaded(isLoaded: () => boolean): Promise<void> {
  const until = performance.now() + LOAD_LIMIT_MS;
  while (!isLoaded() && performance.now() < until) await delay(20);
}

/** Runs a test with a server in a directory of its own; neither is there afterwards. */
export async function withKilledServer(
  flush: 'sync' | 'async',
  work: (server: KilledServer) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/skylark-kill-`);
  try {
    const server = await KilledServer.start(`${directory}/store`, flush);
    try {
      await work(server);
      await server.stop();
    } catch (error) {
      await server.kill();
      throw error;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Something that is killed under load. */
interface Killed {
  /** Load, a kill, `between`, a start. */
  kill(between?: () => void): Promise<void>;
  finish(): Promise<void>;
  violations(): string[];
}

/**
 * The counter-proof: with a disk that forgets what it had confirmed, the same load has what must
 * not be. What the first kill left behind is put back after the second.
 */
export async function violationsOfForgetting(
  server: KilledServer,
  killed: Killed,
): Promise<string[]> {
  const { data } = server;
  const copy = `${data}.copy`;
  await killed.kill(() => cpSync(data, copy, { recursive: true }));
  await killed.kill(() => {
    rmSync(data, { recursive: true });
    cpSync(copy, data, { recursive: true });
  });
  await killed.finish();
  return killed.violations();
}
