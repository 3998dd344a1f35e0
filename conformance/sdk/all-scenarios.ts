import { suite, test } from 'node:test';
import { noted, type PairingName } from '../compatibility/outcomes.ts';
import { consumeScenarios } from './consume-scenarios.ts';
import { deadLetterScenarios } from './dead-letter-scenarios.ts';
import { failoverScenarios } from './failover-scenarios.ts';
import { lifecycleScenarios } from './lifecycle-scenarios.ts';
import { liteScenarios } from './lite-scenarios.ts';
import { orderScenarios } from './order-scenarios.ts';
import { popScenarios } from './pop-scenarios.ts';
import { pullScenarios } from './pull-scenarios.ts';
import { requestScenarios } from './request-scenarios.ts';
import { retryScenarios } from './retry-scenarios.ts';
import { patient, type Scenario } from './scenario.ts';
import { scheduleScenarios } from './schedule-scenarios.ts';
import { sendScenarios } from './send-scenarios.ts';
import { simpleScenarios } from './simple-scenarios.ts';
import { sqlScenarios } from './sql-scenarios.ts';
import { timerScenarios } from './timer-scenarios.ts';
import { traceScenarios } from './trace-scenarios.ts';
import { transactionScenarios } from './transaction-scenarios.ts';

const SCENARIO_LIMIT_MS = 600_000;

/**
 * They have the server to themselves: they are at work most of the time, or, those of failover,
 * put a broker beside it that whoever makes a topic then would meet.
 */
const alone: readonly Scenario[] = [
  ...sendScenarios,
  ...consumeScenarios,
  ...deadLetterScenarios,
  ...orderScenarios,
  ...pullScenarios,
  ...failoverScenarios,
  ...sqlScenarios,
  ...lifecycleScenarios,
];

/** They wait most of the time, for the periods of a broker: the families run side by side. */
const waiting: Readonly<Record<string, readonly Scenario[]>> = {
  pop: popScenarios,
  simple: simpleScenarios,
  // One family, for both count what a broker asks about.
  transactions: [...transactionScenarios, ...traceScenarios],
  timers: timerScenarios,
  retries: retryScenarios,
  requests: requestScenarios,
  schedules: scheduleScenarios,
};

/** Everything that the SDK must do against any server. */
export const allScenarios: readonly Scenario[] = [
  ...alone,
  ...Object.values(waiting).flat(),
  ...liteScenarios,
];

/** For a suite: a test for each scenario but those of lite topics, at one name server. */
export function testAll(pairing: PairingName, namesrv: () => string): void {
  const define = (scenarios: readonly Scenario[]): void => defineTests(pairing, namesrv, scenarios);
  suite('one after the other', () => define(alone));
  suite('side by side', { concurrency: true }, () => {
    for (const [name, scenarios] of Object.entries(waiting)) {
      suite(name, { concurrency: 1 }, () => define(scenarios));
    }
  });
}

/** For a suite: those of lite topics, for which Apache's broker needs `LITE_SETTINGS`. */
export function testLite(pairing: PairingName, namesrv: () => string): void {
  defineTests(pairing, namesrv, liteScenarios);
}

function defineTests(
  pairing: PairingName,
  namesrv: () => string,
  scenarios: readonly Scenario[],
): void {
  for (const { name, run } of scenarios) {
    test(name, { timeout: SCENARIO_LIMIT_MS }, () =>
      noted(pairing, name, () => run(patient(namesrv()))),
    );
  }
}
