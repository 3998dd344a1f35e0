/** The mall under kill -9, on a real Apache RocketMQ. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { startApacheBroker, startApacheNamesrv } from '../../../conformance/servers/apache.ts';
import { freePort } from '../../../conformance/servers/ports.ts';
import type { BrokerOptions, Server } from '../../../conformance/servers/server.ts';
import { skipWithout } from '../../../conformance/servers/toolchain.ts';
import type { Victim } from './fleet.ts';
import { SURVIVAL, survive } from './survive.ts';

/** Apache's broker, which comes back with what its store has. */
class ApacheBroker implements Victim {
  readonly #options: BrokerOptions;
  #server: Promise<Server>;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#server = startApacheBroker(options);
  }

  /** One that still starts is waited for: it would be killed before it did anything. */
  async kill(): Promise<void> {
    const server = await this.#server;
    await server.kill();
    this.#server = startApacheBroker(this.#options);
    // Whoever waits for it is told.
    this.#server.catch(() => undefined);
  }

  ready(): Promise<unknown> {
    return this.#server;
  }

  async stop(): Promise<void> {
    const server = await this.#server;
    await server.stop();
  }
}

suite('the mall under kill -9', SURVIVAL, () => {
  test('with Apache RocketMQ', { skip: skipWithout('java', 'mvn') }, async () => {
    const namesrv = await startApacheNamesrv();
    const store = mkdtempSync(join(tmpdir(), 'mall-apache-'));
    try {
      const broker = new ApacheBroker({ namesrv: namesrv.address, port: await freePort(), store });
      await broker.ready();
      const options = { namesrv: namesrv.address, victims: [broker] };
      await survive(options).finally(() => broker.stop());
    } finally {
      await namesrv.stop();
      rmSync(store, { recursive: true, force: true });
    }
  });
});
