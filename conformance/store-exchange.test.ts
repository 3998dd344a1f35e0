/**
 * One store, written in turns by Skylark and by the real Apache 5.5.0 broker, with the same
 * broker.conf: each serves all that the other wrote to the official client and goes on writing.
 * What is exchanged: the log, queues, index, topics, offsets of groups, and delayed messages that
 * one accepted and the other delivers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startApacheBroker } from './servers/apache.ts';
import { assertAllWell, runJava } from './servers/official-client.ts';
import { freePort } from './servers/ports.ts';
import type { BrokerOptions, Server } from './servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

const AT_ONCE = 1000;
const DELAYED = 20;
const TURN = AT_ONCE + DELAYED;
/** 10 s: longer than the change from one broker to the other takes. */
const DELAY_LEVEL = 3;

const START = { skylark: startSkylarkBroker, apache: startApacheBroker } as const;
type Broker = keyof typeof START;

suite('a store in turns', { skip: skipWithout('java', 'mvn') }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'skylark-exchange-'));
  let namesrv: Server;
  let running: Server | undefined;
  before(async () => {
    namesrv = await startSkylarkNamesrv();
  });
  after(async () => {
    await running?.kill();
    await namesrv?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** One after the other, in one process of the client. */
  async function java(...scenarios: readonly string[]): Promise<void> {
    const run = { version: '5.5.0', namesrv: namesrv.address, scenarios } as const;
    assertAllWell(await runJava({ ...run, options: '-Dparallel=1' }));
  }

  async function started(broker: Broker, options: BrokerOptions): Promise<Server> {
    running = await START[broker](options);
    return running;
  }

  async function ended(server: Server, end: 'stop' | 'kill'): Promise<void> {
    running = undefined;
    await server[end]();
  }

  test('each ends cleanly and leaves work to do', async () => {
    const options = {
      namesrv: namesrv.address,
      port: await freePort(),
      store: `${directory}/clean`,
    };
    const turns = ['skylark', 'apache'] as const;
    for (const [before, broker] of turns.entries()) {
      const server = await started(broker, options);
      const known = before * TURN;
      // The group has the messages since its last turn, and the delayed ones of that turn.
      const from = Math.max(0, known - DELAYED);
      await java(
        ...(known > 0 ? [`drain=Clean,${known}`] : []),
        `fill=Clean,${known},${AT_ONCE},0`,
        `follow=Clean,clean-group,${from},${known + AT_ONCE}`,
        `fill=Clean,${known + AT_ONCE},${DELAYED},${DELAY_LEVEL}`,
      );
      await ended(server, 'stop');
    }
    const last = await started('skylark', options);
    await java(`drain=Clean,${turns.length * TURN}`);
    await ended(last, 'stop');
  });

  test('each is killed', async () => {
    const options = {
      namesrv: namesrv.address,
      port: await freePort(),
      store: `${directory}/kill`,
    };
    const turns = ['skylark', 'apache'] as const;
    for (const [before, broker] of turns.entries()) {
      const server = await started(broker, options);
      const known = before * AT_ONCE;
      const drain = known > 0 ? [`drain=Killed,${known}`] : [];
      await java(...drain, `fill=Killed,${known},${AT_ONCE},0`);
      await ended(server, 'kill');
    }
    const last = await started('skylark', options);
    await java(`drain=Killed,${turns.length * AT_ONCE}`);
    await ended(last, 'stop');
  });
});
