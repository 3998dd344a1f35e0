import { consumeScenarios } from './consume-scenarios.ts';
import { deadLetterScenarios } from './dead-letter-scenarios.ts';
import { failoverScenarios } from './failover-scenarios.ts';
import { lifecycleScenarios } from './lifecycle-scenarios.ts';
import { orderScenarios } from './order-scenarios.ts';
import { popScenarios } from './pop-scenarios.ts';
import { pullScenarios } from './pull-scenarios.ts';
import { requestScenarios } from './request-scenarios.ts';
import { retryScenarios } from './retry-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { scheduleScenarios } from './schedule-scenarios.ts';
import { sendScenarios } from './send-scenarios.ts';
import { simpleScenarios } from './simple-scenarios.ts';
import { sqlScenarios } from './sql-scenarios.ts';
import { timerScenarios } from './timer-scenarios.ts';
import { traceScenarios } from './trace-scenarios.ts';
import { transactionScenarios } from './transaction-scenarios.ts';

/** Everything that the SDK must do against any server. */
export const allScenarios: readonly Scenario[] = [
  ...sendScenarios,
  ...consumeScenarios,
  ...retryScenarios,
  ...deadLetterScenarios,
  ...orderScenarios,
  ...pullScenarios,
  ...failoverScenarios,
  ...requestScenarios,
  ...simpleScenarios,
  ...sqlScenarios,
  ...transactionScenarios,
  ...timerScenarios,
  ...traceScenarios,
  ...scheduleScenarios,
  ...popScenarios,
  ...lifecycleScenarios,
];
