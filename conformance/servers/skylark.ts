/** Skylark's servers, started by the built command as a user starts them. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JsonObject, jsonObject, jsonString, parseFastjson } from '@skylarkmq/base';
import { Child } from './child.ts';
import { freePort } from './ports.ts';
import { type BrokerOptions, brokerConf, type Server } from './server.ts';

const MAIN = join(import.meta.dirname, '../../packages/skylark/dist/main.js');

/** Name server and broker in one process. */
export interface AllInOne extends Server {
  readonly namesrv: string;
  readonly broker: string;
  /** Its directory. */
  readonly data: string;
}

/** `skylark start` with a directory of its own, which is removed when it ends. */
export async function startSkylark(...flags: readonly string[]): Promise<AllInOne> {
  const data = mkdtempSync(join(tmpdir(), 'skylark-start-'));
  const ports = [await freePort(), await freePort()];
  const args = ['start', '--data', data, '--namesrv-port', String(ports[0])];
  const { banner, ...server } = await run(
    [...args, '--broker-port', String(ports[1]), ...flags],
    data,
  );
  const namesrv = jsonString(banner.get('namesrv'), 'namesrv');
  const broker = jsonString(banner.get('broker'), 'broker');
  return { ...server, address: namesrv, namesrv, broker, data };
}

/** `skylark namesrv` on a free port or the given one. */
export async function startSkylarkNamesrv(port?: number): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), 'skylark-namesrv-'));
  const args = ['namesrv', '-p', String(port ?? (await freePort())), '--data', data];
  const { banner, ...server } = await run(args, data);
  return { ...server, address: jsonString(banner.get('namesrv'), 'namesrv') };
}

/** `skylark broker -c broker.conf`, with the file that Apache's broker would read. */
export async function startSkylarkBroker(options: BrokerOptions): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'skylark-broker-'));
  const file = join(directory, 'broker.conf');
  writeFileSync(file, brokerConf(options));
  const args = ['broker', '-c', file, '-n', options.namesrv];
  const { banner, ...server } = await run(args, directory);
  return { ...server, address: jsonString(banner.get('broker'), 'broker') };
}

interface Running extends Omit<Server, 'address'> {
  /** The one line that it prints when it is ready. */
  readonly banner: JsonObject;
}

async function run(args: readonly string[], directory: string): Promise<Running> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build first`);
  const name = `skylark ${args[0]}`;
  const child = new Child({ name, command: process.execPath, args: [MAIN, ...args, '--json'] });
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const banner = jsonObject(parseFastjson(await child.firstLine()), 'banner');
    return {
      banner,
      pid: child.pid,
      async stop() {
        const code = await child.stop();
        remove();
        if (code !== 0) throw new Error(`${name} ended with ${code}: ${child.output}`);
      },
      async kill() {
        await child.kill();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
