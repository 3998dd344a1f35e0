/** A broker of ours with its name server that goes down and comes back on the same store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerIsKnown } from '../sdk/scenario.ts';
import { freePort } from '../servers/ports.ts';
import type { BrokerOptions, Server } from '../servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from '../servers/skylark.ts';

/** How the broker goes down: as operators do it, or as crashes do. */
export type Down = 'stop' | 'kill';

export class RestartingBroker {
  readonly namesrv: string;
  readonly #store: string;
  readonly #server: Server;
  readonly #options: BrokerOptions;
  #broker: Server | undefined;

  private constructor(store: string, server: Server, options: BrokerOptions) {
    this.#store = store;
    this.#server = server;
    this.#options = options;
    this.namesrv = server.address;
  }

  static async start(): Promise<RestartingBroker> {
    const store = mkdtempSync(join(tmpdir(), 'skylark-order-'));
    const server = await startSkylarkNamesrv();
    const port = await freePort();
    const self = new RestartingBroker(store, server, { namesrv: server.address, port, store });
    await self.#up();
    return self;
  }

  async restart(down: Down): Promise<void> {
    await this.#broker?.[down]();
    this.#broker = undefined;
    await this.#up();
  }

  async close(): Promise<void> {
    await this.#broker?.stop();
    await this.#server.stop();
    rmSync(this.#store, { recursive: true, force: true });
  }

  async #up(): Promise<void> {
    this.#broker = await startSkylarkBroker(this.#options);
    await brokerIsKnown({ namesrv: this.namesrv });
  }
}
