/** Apache's broker and ours, asked the same: what they answer must not differ. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { RemotingClient } from '@skylarkmq/remoting';
import type { Command, Outgoing } from '@skylarkmq/wire';
import { startApacheBroker, startApacheNamesrv } from '../servers/apache.ts';
import { freePort } from '../servers/ports.ts';
import type { Server } from '../servers/server.ts';
import { startSkylarkBroker } from '../servers/skylark.ts';

export type Side = 'apache' | 'skylark';

export interface TwinRequest {
  readonly code: number;
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: string | Buffer;
}

const SUCCESS = 0;
const TIMEOUT_MS = 60_000;
const SETTLE_MS = 120_000;
const SIDES: readonly Side[] = ['apache', 'skylark'];

/** What a broker asked a client. */
export interface Asked {
  readonly code: number;
  readonly ext: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A member of a group: a connection of its own, and what the broker asked it. */
export class TwinClient {
  readonly asked: Asked[] = [];
  readonly #client: RemotingClient;
  readonly #address: string;

  /** `answer` says what the client answers to a request of the broker's. */
  constructor(address: string, answer: (command: Command) => Outgoing | null = () => null) {
    this.#address = address;
    this.#client = new RemotingClient({
      ...{ clock: realClock, scheduler: realScheduler, logger: silentLogger },
      onRequest: (command) => {
        // Its buffers are used again.
        const { code, ext, body } = command;
        this.asked.push({ code, ext: new Map(ext), body: String(body ?? '') });
        return answer(command);
      },
    });
  }

  ask(request: TwinRequest): Promise<Command> {
    return this.#client.invoke(this.#address, outgoing(request), { timeoutMs: TIMEOUT_MS });
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

export class TwinBrokers {
  readonly #directory = mkdtempSync(join(tmpdir(), 'skylark-twins-'));
  readonly #servers: Server[] = [];
  readonly #addresses = new Map<Side, string>();
  readonly #clients = new Map<Side, TwinClient>();
  readonly #more: TwinClient[] = [];

  static async start(settings: readonly string[]): Promise<TwinBrokers> {
    const twins = new TwinBrokers();
    const namesrv = await startApacheNamesrv();
    twins.#servers.push(namesrv);
    for (const side of SIDES) {
      const start = side === 'apache' ? startApacheBroker : startSkylarkBroker;
      const options = { namesrv: namesrv.address, port: await freePort(), settings };
      const server = await start({ ...options, store: twins.store(side), brokerName: side });
      twins.#servers.push(server);
      twins.#addresses.set(side, server.address);
      twins.#clients.set(side, twins.client(side));
    }
    return twins;
  }

  /** Where a broker keeps its files. */
  store(side: Side): string {
    return join(this.#directory, side);
  }

  /** A file below the store, as text. */
  file(side: Side, path: string): string {
    return readFileSync(join(this.store(side), path), 'utf8');
  }

  /** A connection of its own to one of the brokers. */
  client(side: Side, answer?: (command: Command) => Outgoing | null): TwinClient {
    const client = new TwinClient(this.#addresses.get(side) ?? '', answer);
    this.#more.push(client);
    return client;
  }

  /** One like it at each of the brokers. */
  clients(answer?: (command: Command) => Outgoing | null): Readonly<Record<Side, TwinClient>> {
    return { apache: this.client('apache', answer), skylark: this.client('skylark', answer) };
  }

  /** Runs the same at both, and wants the same of both. */
  async both<Value>(work: (side: Side, client: TwinClient) => Promise<Value>): Promise<Value> {
    const [theirs, ours] = await Promise.all(SIDES.map((side) => work(side, this.#clientOf(side))));
    assert.deepEqual(ours, theirs);
    if (ours === undefined) throw new Error('Two values are wanted');
    return ours;
  }

  /** The code of both; a refusal's remarks must agree, too: ours may say more behind Apache's. */
  async same(request: TwinRequest, use = this.#ofSides()): Promise<number> {
    const [theirs, ours] = await Promise.all([use.apache.ask(request), use.skylark.ask(request)]);
    const what = `${request.code} ${JSON.stringify(request.fields ?? {})}`;
    const remarks = `Apache: ${theirs.code} ${theirs.remark}, ours: ${ours.code} ${ours.remark}`;
    assert.equal(ours.code, theirs.code, `${what}: ${remarks}`);
    if (theirs.code === SUCCESS) return SUCCESS;
    const official = (theirs.remark ?? '').replaceAll('apache', 'skylark');
    assert.ok((ours.remark ?? '').startsWith(official), `${what}: ${remarks}`);
    return ours.code;
  }

  /** For what brokers do soon, not at once. */
  async soon(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
      await delay(20);
    }
  }

  /** Ends both brokers, so that their files are complete. */
  async stopBrokers(): Promise<void> {
    await Promise.all(this.#more.map((client) => client.close()));
    while (this.#servers.length > 1) await this.#servers.pop()?.stop();
  }

  async close(): Promise<void> {
    for (const client of this.#more) await client.close();
    for (const server of this.#servers.reverse()) await server.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #ofSides(): Readonly<Record<Side, TwinClient>> {
    return { apache: this.#clientOf('apache'), skylark: this.#clientOf('skylark') };
  }

  #clientOf(side: Side): TwinClient {
    const client = this.#clients.get(side);
    if (client === undefined) throw new Error(`${side} does not run`);
    return client;
  }
}

function outgoing({ code, fields = {}, body }: TwinRequest): Outgoing {
  const pairs = Object.entries(fields).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const ext = new Map(pairs);
  return { code, version: 513, ext, ...(bytes === undefined ? {} : { body: bytes }) };
}
