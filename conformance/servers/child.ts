/** A process under test: its output is kept, and it is waited for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const START_LIMIT_MS = 600_000;
const STOP_LIMIT_MS = 180_000;
const OUTPUT_CHARACTERS = 8192;

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How long what it says may be waited for. Default 600 s. */
  readonly limitMs?: number;
}

export class Child {
  readonly #name: string;
  readonly #limitMs: number;
  readonly #process: ChildProcess;
  readonly #exited: Promise<number | null>;
  #output = '';
  #errors = '';

  constructor({ name, command, args, env, limitMs = START_LIMIT_MS }: ChildOptions) {
    this.#name = name;
    this.#limitMs = limitMs;
    const options = { env: { ...process.env, ...env } };
    this.#process = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = `${this.#output}${text}`.slice(-OUTPUT_CHARACTERS);
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = `${this.#errors}${text}`.slice(-OUTPUT_CHARACTERS);
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#errors += String(error);
        resolve(null);
      });
      this.#process.once('close', (code) => resolve(code));
    });
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error(`${this.#name} has not started`);
    return this.#process.pid;
  }

  /** The end of both outputs. */
  get output(): string {
    return `${this.#output}\n${this.#errors}`;
  }

  /** Waits for a text in the standard output. */
  async says(text: string): Promise<void> {
    await this.#until(`it says "${text}"`, () => this.#output.includes(text));
  }

  /** The first whole line of the standard output. */
  async firstLine(): Promise<string> {
    await this.#until('it is ready', () => this.#output.includes('\n'));
    return this.#output.slice(0, this.#output.indexOf('\n'));
  }

  /** SIGTERM; the exit code. Fails when it is still there after minutes. */
  async stop(): Promise<number | null> {
    this.#process.kill('SIGTERM');
    const late = delay(STOP_LIMIT_MS, 'late' as const, { ref: false });
    const outcome = await Promise.race([this.#exited, late]);
    if (outcome !== 'late') return outcome;
    this.#process.kill('SIGKILL');
    throw new Error(`${this.#name} did not end after SIGTERM: ${this.output}`);
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + this.#limitMs;
    while (!condition()) {
      const { exitCode, signalCode } = this.#process;
      if (exitCode !== null || signalCode !== null || this.#process.pid === undefined) {
        throw new Error(`${this.#name} ended (${exitCode ?? signalCode}): ${this.output}`);
      }
      if (performance.now() > deadline) {
        await this.kill();
        throw new Error(`Waited in vain until ${what}: ${this.#name}: ${this.output}`);
      }
      await delay(50);
    }
  }
}
