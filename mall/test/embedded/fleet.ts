/** The mall as processes of their own, started by its command, to be killed and started again. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Child } from '../../../conformance/servers/child.ts';
import { freePort } from '../../../conformance/servers/ports.ts';
import { DATABASE_TEMPLATE } from '../../src/embedded/start-mall.ts';
import { PgliteEngine } from '../../src/shared/database/pglite-engine.ts';
import { ALL_WELL, type Switches } from '../../src/shared/faults.ts';
import type { ServiceName } from '../../src/shared/service.ts';

export const SECRET = 'mall-internal';
export const PROVIDER_SECRET = 'mall-provider';
/** Four databases in one process take their time on a machine that has none. */
const START_LIMIT_MS = 300_000;
const MALL = join(import.meta.dirname, '../../dist/main.js');
const SKYLARK = join(import.meta.dirname, '../../../packages/skylark/dist/main.js');

/** Services that live and die together. */
export const CREWS: readonly (readonly ServiceName[])[] = [
  ['order'],
  ['inventory', 'coupon', 'user', 'catalogue'],
  ['payment', 'shipping', 'push', 'provider'],
];

export interface FleetOptions {
  /** For databases and the platform. */
  readonly directory: string;
  /** Undefined: a platform of our own, which can be killed as well. */
  readonly namesrv?: string;
  /** What else is killed; it belongs to whoever gave it. */
  readonly victims?: readonly Victim[];
  /** Undefined: PGlite below the directory. */
  readonly database?: string;
  readonly paymentTimeoutS: number;
}

/** A server that is started again whenever it is killed. */
export interface Victim {
  /** kill -9, and a new process at once; resolves when the old one is gone. */
  kill(): Promise<void>;
  /** Resolves when the newest process serves. */
  ready(): Promise<unknown>;
}

/** A process of ours. */
class Member implements Victim {
  readonly #name: string;
  readonly #args: readonly string[];
  #child: Child;

  constructor(name: string, args: readonly string[]) {
    this.#name = name;
    this.#args = args;
    this.#child = start(name, args);
  }

  async kill(): Promise<void> {
    await this.#child.kill();
    this.#child = start(this.#name, this.#args);
  }

  ready(): Promise<unknown> {
    return this.#child.firstLine();
  }

  stop(): Promise<unknown> {
    return this.#child.kill();
  }
}

export class Fleet {
  readonly urls: Record<ServiceName, string>;
  readonly #members: Member[] = [];
  readonly #victims: Victim[] = [];
  readonly #closers: (() => Promise<void>)[] = [];
  #switches: Switches = ALL_WELL;

  private constructor(urls: Record<ServiceName, string>) {
    this.urls = urls;
  }

  /** Resolves when every service takes part in the messaging. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const names = CREWS.flat();
    const ports = await freePorts(names.length);
    const local = (port: number | undefined): string => `http://127.0.0.1:${port}`;
    const urls = Object.fromEntries(names.map((name, index) => [name, local(ports[index])]));
    const fleet = new Fleet({
      ...{ order: '', inventory: '', coupon: '', user: '', payment: '', catalogue: '' },
      ...{ shipping: '', push: '', provider: '', control: '', edge: '', ...urls },
    });
    await fleet.#serveSwitches();
    const [namesrvPort, brokerPort] = [await freePort(), await freePort()];
    const namesrv = options.namesrv ?? `127.0.0.1:${namesrvPort}`;
    try {
      // Made once here, or every process would make it.
      if (options.database === undefined) await prepareTemplate();
      if (options.namesrv === undefined) {
        const data = join(options.directory, 'platform');
        const where = ['--namesrv-port', `${namesrvPort}`, '--broker-port', `${brokerPort}`];
        fleet.#add('platform', [SKYLARK, 'start', '--json', '--data', data, ...where]);
      }
      await fleet.#ready();
      for (const crew of CREWS) fleet.#add(crew.join(','), fleet.#args(crew, namesrv, options));
      fleet.#victims.push(...(options.victims ?? []));
      await fleet.#ready();
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  get size(): number {
    return this.#victims.length;
  }

  /** Every service sees them within a second or two. */
  set(changes: Partial<Switches>): void {
    this.#switches = { ...this.#switches, ...changes };
  }

  /** kill -9, and a new process at once; resolves when the old one is gone. */
  async kill(index: number): Promise<void> {
    const victim = this.#victims[index];
    if (victim === undefined) throw new Error(`There is no process ${index}`);
    await victim.kill();
  }

  /** Waits until all processes say that they are ready. */
  async #ready(): Promise<void> {
    await Promise.all(this.#victims.map((victim) => victim.ready()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
    for (const close of this.#closers.splice(0)) await close();
  }

  /** The same as `ready`, for the end of a storm. */
  recovered(): Promise<void> {
    return this.#ready();
  }

  #add(name: string, args: readonly string[]): void {
    const member = new Member(name, args);
    this.#members.push(member);
    this.#victims.push(member);
  }

  #args(crew: readonly ServiceName[], namesrv: string, options: FleetOptions): string[] {
    const { directory, database, paymentTimeoutS } = options;
    const args = [MALL, '--json', '--namesrv', namesrv, '--data', join(directory, 'mall')];
    args.push('--service', crew.join(','), '--payment-timeout', String(paymentTimeoutS));
    if (database !== undefined) args.push('--database', database);
    for (const [name, url] of Object.entries(this.urls)) {
      if (url === '') continue;
      args.push('--url', `${name}=${url}`);
      if (crew.some((one) => one === name)) args.push('--service-port', `${name}=${portOf(url)}`);
    }
    return args;
  }

  /** Stands in for the control room: says which switches are on. */
  async #serveSwitches(): Promise<void> {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(this.#switches));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.urls.control = `http://127.0.0.1:${addressOf(server.address()).port}`;
    this.#closers.push(async () => {
      server.close();
      server.closeAllConnections();
    });
  }
}

async function prepareTemplate(): Promise<void> {
  const engine = await PgliteEngine.open({ template: DATABASE_TEMPLATE });
  await engine.close();
}

function start(name: string, args: readonly string[]): Child {
  const env = {
    MALL_SECRET: SECRET,
    MALL_PROVIDER_SECRET: PROVIDER_SECRET,
    MALL_STAFF_PASSWORD: 'staff-of-the-test',
  };
  return new Child({ name, command: process.execPath, args, env, limitMs: START_LIMIT_MS });
}

function portOf(url: string): string {
  return new URL(url).port;
}

/** Ports that stay free while a process is killed: none that a connection or a test is given. */
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = await freePort();
    ports.push(port - 2, port, port + 1);
  }
  return ports.slice(0, count);
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('Not listening');
  return address;
}
