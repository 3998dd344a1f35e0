/**
 * Transactions of the official clients against a broker that asks soon; and transactions that one
 * broker took and the other ends, in one store: Skylark's and Apache's, stopped and killed.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { noteOutcome } from './compatibility/outcomes.ts';
import { TRANSACTION_SETTINGS } from './sdk/transaction-scenarios.ts';
import {
  BOTH_ORDERS,
  type BrokerInTurns,
  type BrokerKind,
  brokerInTurns,
  type End,
} from './servers/broker-in-turns.ts';
import { assertAllWell, JAVA_VERSIONS, runGo, runJava } from './servers/official-client.ts';
import { skipWithout } from './servers/toolchain.ts';

const SETTINGS = [...TRANSACTION_SETTINGS, 'transactionCheckMax=3'];
const SCENARIOS = ['transaction-check', 'transaction-undecided', 'transaction-another'];
const TURN = 40;
/** Nobody is asked before the change; and a question has long been answered before the next. */
const EXCHANGE_SETTINGS = [
  ...['transactionTimeOut=15000', 'transactionCheckInterval=10000', 'transactionCheckMax=15'],
];
/** Apache asks, and commits, again what it was told when it has not noted that in time. */
const TIMES = { skylark: 1, apache: 2 } as const;

// Each part has a name server and stores of its own, and waits most of the time.
suite('transactions', { skip: skipWithout('java', 'mvn', 'go'), concurrency: true }, () => {
  suite('of official producers', { concurrency: 1 }, () => {
    const brokers = brokerInTurns();
    test('official producers are asked by Skylark', async () => {
      const { namesrv } = brokers.target;
      await brokers.begin('skylark', await brokers.store('clients', SETTINGS));
      for (const version of JAVA_VERSIONS) {
        const outcomes = await runJava({ version, namesrv, scenarios: SCENARIOS });
        for (const { name, error } of outcomes) noteOutcome(`java-${version}`, name, error);
        assertAllWell(outcomes);
        assert.equal(outcomes.length, SCENARIOS.length);
      }
      const go = await runGo(namesrv, ['transaction-outcome', 'transaction-check']);
      for (const { name, error } of go) noteOutcome('go', name, error);
      assertAllWell(go);
      await brokers.end('stop');
    });
  });

  for (const end of ['stop', 'kill'] as const) {
    suite(`through a ${end}`, { concurrency: 1 }, () => {
      const brokers = brokerInTurns();
      for (const [first, second] of BOTH_ORDERS) {
        test(`what ${first} took is ended by ${second}, after a ${end}`, () =>
          exchange(brokers, first, second, end));
      }
    });
  }
});

async function exchange(
  brokers: BrokerInTurns,
  first: BrokerKind,
  second: BrokerKind,
  end: End,
): Promise<void> {
  const settings = [...SETTINGS, ...EXCHANGE_SETTINGS];
  const options = await brokers.store(`${first}-${end}`, settings);
  const topic = `Exchange${first}${end}`;
  const java = async (scenario: string): Promise<void> => {
    const run = { version: '5.5.0', ...brokers.target } as const;
    assertAllWell(await runJava({ ...run, scenarios: [scenario] }));
  };
  await brokers.begin(first, options);
  await java(`leave=${topic},PG-${topic},0,${TURN}`);
  await brokers.end(end);
  await brokers.begin(second, options);
  await java(`leave=${topic},PG-${topic},${TURN},${TURN}`);
  await java(`inherit=${topic},PG-${topic},${2 * TURN},${TIMES[second]}`);
  await brokers.end('stop');
}
