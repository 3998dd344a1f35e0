/** The official mqadmin 4.9.8, a virtual machine for each command: it has what 5.x has lost. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SHORT_LIVED_JVM } from '../servers/short-lived-jvm.ts';

const COMMAND_LIMIT_MS = 240_000;
const DOWNLOAD_LIMIT_MS = 300_000;
const HEAP = ['-Xms64m', '-Xmx256m', ...SHORT_LIVED_JVM];
const LOGBACK = '<configuration><root level="OFF"/></configuration>';
const run = promisify(execFile);

export interface OldCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

export class OldMqAdmin {
  readonly #home = mkdtempSync(join(tmpdir(), 'skylark-mqadmin-4-'));
  readonly #namesrv: string;
  readonly #lib: string;

  private constructor(namesrv: string, credentials: OldCredentials, lib: string) {
    this.#namesrv = namesrv;
    this.#lib = lib;
    const conf = join(this.#home, 'conf');
    mkdirSync(conf);
    writeFileSync(join(conf, 'logback_tools.xml'), LOGBACK);
    const { accessKey, secretKey } = credentials;
    const lines = [`accessKey: ${accessKey}`, `secretKey: ${secretKey}`];
    writeFileSync(join(conf, 'tools.yml'), `${lines.join('\n')}\n`);
  }

  /** `namesrv` is "host:port"; the requests are signed by the credentials. */
  static async open(namesrv: string, credentials: OldCredentials): Promise<OldMqAdmin> {
    return new OldMqAdmin(namesrv, credentials, await libraries());
  }

  /** The output of a command, errors included. */
  async run(...command: readonly string[]): Promise<string> {
    const properties = [
      `-Duser.home=${this.#home}`,
      `-Drocketmq.home.dir=${this.#home}`,
      `-Drocketmq.namesrv.addr=${this.#namesrv}`,
    ];
    const main = 'org.apache.rocketmq.tools.command.MQAdminStartup';
    const args = [...HEAP, ...properties, '-cp', join(this.#lib, '*'), main, ...command];
    const { stdout, stderr } = await run('java', args, { timeout: COMMAND_LIMIT_MS });
    return stdout + stderr;
  }

  close(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** The folder of its jars; downloaded once, for all checkouts. */
async function libraries(): Promise<string> {
  const script = join(import.meta.dirname, 'setup.sh');
  return (await run(script, [], { timeout: DOWNLOAD_LIMIT_MS })).stdout.trim();
}
