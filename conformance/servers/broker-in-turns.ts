/** A name server, and stores whose broker changes: Skylark's and Apache's real one, in turns. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { brokerIsKnown, type Target } from '../sdk/scenario.ts';
import { startApacheBroker } from './apache.ts';
import { freePort } from './ports.ts';
import type { BrokerOptions, Server } from './server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from './skylark.ts';

const START = { skylark: startSkylarkBroker, apache: startApacheBroker } as const;

export type BrokerKind = keyof typeof START;

/** How a broker goes: as operators do it, or as crashes do. */
export type End = 'stop' | 'kill';

/** Who has a store first, and who has it then. */
export const BOTH_ORDERS: readonly (readonly [BrokerKind, BrokerKind])[] = [
  ['skylark', 'apache'],
  ['apache', 'skylark'],
];

/** For a suite: its name server, and one broker at a time; what is left of them ends with it. */
export function brokerInTurns(): BrokerInTurns {
  const brokers = new BrokerInTurns();
  before(() => brokers.open());
  after(() => brokers.close());
  return brokers;
}

export class BrokerInTurns {
  #directory = '';
  #namesrv: Server | undefined;
  #running: Server | undefined;

  async open(): Promise<void> {
    this.#directory = mkdtempSync(join(tmpdir(), 'skylark-turns-'));
    this.#namesrv = await startSkylarkNamesrv();
  }

  async close(): Promise<void> {
    await this.end('kill');
    await this.#namesrv?.stop();
    if (this.#directory !== '') rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The name server, for clients. */
  get target(): Target {
    if (this.#namesrv === undefined) throw new Error('The suite has not begun');
    return { namesrv: this.#namesrv.address };
  }

  /** A new store: what every broker that has its turn on it is told. */
  async store(name: string, settings: readonly string[] = []): Promise<BrokerOptions> {
    const port = await freePort();
    return { ...this.target, port, store: join(this.#directory, name), settings };
  }

  /** Resolves when the name server knows the broker. */
  async begin(kind: BrokerKind, options: BrokerOptions): Promise<Server> {
    // One that is still there was left by a test that failed: the next must not fail by it.
    await this.end('kill');
    this.#running = await START[kind](options);
    await brokerIsKnown(this.target);
    return this.#running;
  }

  /** Does nothing when no broker is there. */
  async end(end: End): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.[end]();
  }
}
