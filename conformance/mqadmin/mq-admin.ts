/** The official mqadmin 5.5.0, its commands run in one virtual machine (Runner.java). */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Deferred, deferred } from '@skylarkmq/base';
import { apacheJars } from '../../bench/servers.ts';
import { SHORT_LIVED_JVM } from '../servers/short-lived-jvm.ts';

const COMMAND_LIMIT_MS = 180_000;
const HEAP = ['-Xms64m', '-Xmx256m', ...SHORT_LIVED_JVM];

export class MqAdmin {
  readonly #home = mkdtempSync(join(tmpdir(), 'skylark-mqadmin-'));
  readonly #process: ChildProcess;
  readonly #waiting = new Map<string, Deferred<string>>();
  readonly #ended = deferred<void>();
  #errors = '';
  #commands = 0;

  /** `namesrv` is "host:port". */
  constructor(namesrv: string) {
    const runner = join(import.meta.dirname, 'Runner.java');
    const classPath = ['-cp', apacheJars()];
    // The tools write their logs below the home directory.
    const args = [...HEAP, `-Duser.home=${this.#home}`, ...classPath, runner, namesrv];
    this.#process = spawn('java', args, { cwd: this.#home, stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdout, stderr } = this.#process;
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4096);
    });
    if (stdout !== null) createInterface(stdout).on('line', (line) => this.#answered(line));
    this.#process.once('error', (error) => this.#failAll(String(error)));
    this.#process.once('close', () => {
      this.#failAll(`mqadmin ended: ${this.#errors}`);
      this.#ended.resolve();
    });
  }

  /** The output of a command, errors included. */
  async run(...command: readonly string[]): Promise<string> {
    const number = String(++this.#commands);
    const answer = deferred<string>();
    this.#waiting.set(number, answer);
    const late = setTimeout(() => {
      answer.reject(new Error(`${command.join(' ')} took over ${COMMAND_LIMIT_MS} ms`));
    }, COMMAND_LIMIT_MS);
    this.#process.stdin?.write(`${[number, ...command].join('\t')}\n`);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(late);
      this.#waiting.delete(number);
    }
  }

  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended.promise;
    rmSync(this.#home, { recursive: true, force: true });
  }

  #answered(line: string): void {
    const [number = '', output = ''] = line.split('\t');
    this.#waiting.get(number)?.resolve(Buffer.from(output, 'base64').toString('utf8'));
  }

  #failAll(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
  }
}
