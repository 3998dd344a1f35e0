/**
 * Transactions of the official clients against a broker that asks soon; and transactions that one
 * broker took and the other ends, in one store: Skylark's and Apache's, stopped and killed.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { noteOutcome } from './compatibility/outcomes.ts';
import { brokerIsKnown } from './sdk/scenario.ts';
import { TRANSACTION_SETTINGS } from './sdk/transaction-scenarios.ts';
import { startApacheBroker } from './servers/apache.ts';
import { assertAllWell, JAVA_VERSIONS, runGo, runJava } from './servers/official-client.ts';
import { freePort } from './servers/ports.ts';
import type { Server } from './servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

const SETTINGS = [...TRANSACTION_SETTINGS, 'transactionCheckMax=3'];
const SCENARIOS = ['transaction-check', 'transaction-undecided', 'transaction-another'];
const TURN = 40;
/** Nobody is asked before the change; and a question has long been answered before the next. */
const EXCHANGE_SETTINGS = [
  ...['transactionTimeOut=15000', 'transactionCheckInterval=10000', 'transactionCheckMax=15'],
];
/** Apache asks, and commits, again what it was told when it has not noted that in time. */
const TIMES = { Skylark: 1, Apache: 2 } as const;

suite('transactions', { skip: skipWithout('java', 'mvn', 'go') }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'skylark-transactions-'));
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

  async function ended(end: 'stop' | 'kill'): Promise<void> {
    const server = running;
    running = undefined;
    await server?.[end]();
  }

  test('official producers are asked by Skylark', async () => {
    const port = await freePort();
    const options = { namesrv: namesrv.address, port, store: `${directory}/clients` };
    running = await startSkylarkBroker({ ...options, settings: SETTINGS });
    for (const version of JAVA_VERSIONS) {
      const outcomes = await runJava({ version, namesrv: namesrv.address, scenarios: SCENARIOS });
      for (const { name, error } of outcomes) noteOutcome(`java-${version}`, name, error);
      assertAllWell(outcomes);
      assert.equal(outcomes.length, SCENARIOS.length);
    }
    const go = await runGo(namesrv.address, ['transaction-outcome', 'transaction-check']);
    for (const { name, error } of go) noteOutcome('go', name, error);
    assertAllWell(go);
    await ended('stop');
  });

  for (const end of ['stop', 'kill'] as const) {
    for (const turns of [
      [startSkylarkBroker, startApacheBroker],
      [startApacheBroker, startSkylarkBroker],
    ] as const) {
      const first = turns[0] === startSkylarkBroker ? 'Skylark' : 'Apache';
      const times = TIMES[first === 'Apache' ? 'Skylark' : 'Apache'];
      test(`what ${first} took is ended by the other, after a ${end}`, async () => {
        const port = await freePort();
        const store = `${directory}/${first}-${end}`;
        const settings = [...SETTINGS, ...EXCHANGE_SETTINGS];
        const options = { namesrv: namesrv.address, port, store, settings };
        const topic = `Exchange${first}${end}`;
        const java = async (scenario: string): Promise<void> => {
          const run = { version: '5.5.0', namesrv: namesrv.address } as const;
          assertAllWell(await runJava({ ...run, scenarios: [scenario] }));
        };
        running = await turns[0](options);
        await brokerIsKnown({ namesrv: namesrv.address });
        await java(`leave=${topic},PG-${topic},0,${TURN}`);
        await ended(end);
        running = await turns[1](options);
        await brokerIsKnown({ namesrv: namesrv.address });
        await java(`leave=${topic},PG-${topic},${TURN},${TURN}`);
        await java(`inherit=${topic},PG-${topic},${2 * TURN},${times}`);
        await ended('stop');
      });
    }
  }
});
