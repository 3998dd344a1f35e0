/** Runs the built command as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist/main.js');
/** Longer than any start on a busy machine. */
const READY_MS = 180_000;

/** What the process left behind. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The line of `--json`. */
export interface Ready {
  readonly ready: true;
  readonly version: string;
  readonly pid: number;
  readonly namesrv: string;
  readonly broker: string;
  readonly brokers: readonly { name: string; address: string; recovery: string | null }[];
  readonly data: string | null;
  readonly flush: string;
}

/** A process that runs; `await using` kills it when a test fails. */
export class Skylark implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build first`);
    this.child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { ...process.env, NAMESRV_ADDR: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** The banner of a server that was started with `--json`. */
  async ready(): Promise<Ready> {
    const line = await this.until(() => /^(\{.*\})\n/m.exec(this.stdout)?.[1], 'ready');
    const banner: Ready = JSON.parse(line);
    return banner;
  }

  /** Waits until the output has something. */
  async until<Found>(find: () => Found | undefined, what: string): Promise<Found> {
    const found = find();
    if (found !== undefined) return found;
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer);
        reject(new Error(`Not ${what}, ${reason}\n${this.stdout}${this.stderr}`));
      };
      const timer = setTimeout(() => fail('in time'), READY_MS);
      const look = (): void => {
        const now = find();
        if (now === undefined) return;
        clearTimeout(timer);
        resolve(now);
      };
      this.child.stdout?.on('data', look);
      this.child.stderr?.on('data', look);
      this.child.once('close', () => fail('it ended'));
    });
  }

  /** Sends SIGTERM and waits for the end. */
  async stop(): Promise<Ended> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Runs to the end. */
export async function runSkylark(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  await using skylark = new Skylark(args, cwd, env);
  return await skylark.ended;
}

/** A folder that goes when the test ends. */
export class TemporaryFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'skylark-e2e-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Flags of a server on free ports that prints its banner as JSON. */
export const FREE_PORTS: readonly string[] = [
  '--namesrv-port',
  '0',
  '--broker-port',
  '0',
  '--json',
];
