/** Recurring messages: one series however many processes join, until it is cancelled. */
import assert from 'node:assert/strict';
import { PushConsumer, schedule } from '@skylarkmq/client';
import { makeTopic, pause, type Scenario, type Target, unique, until } from './scenario.ts';

const EVERY_TWO_SECONDS = '*/2 * * * * *';

async function oneSeries(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'cron');
  const id = unique('cron');
  const times: string[] = [];
  await using consumer = new PushConsumer({
    ...{ ...target, group: unique('read'), subscriptions: topic, consumeFrom: 'first' },
  });
  const stop = new AbortController();
  const running = consumer.run(
    (message) => {
      times.push(message.property('schedule-time') ?? '');
      assert.equal(message.property('schedule-id'), id);
      assert.equal(message.storeTimestamp >= Number(times[times.length - 1]) - 1000, true);
    },
    { signal: stop.signal },
  );
  const join = (instanceName: string) =>
    schedule({
      ...{ ...target, instanceName, id, cron: EVERY_TWO_SECONDS },
      message: (at) => ({ topic, body: at.toISOString() }),
    });
  const first = await join(unique('first'));
  const second = await join(unique('second'));
  try {
    await until('three occurrences', () => times.length >= 3);
    // Another process goes on.
    await first.close();
    const known = times.length;
    await until('three more', () => times.length >= known + 3);
  } finally {
    await first.close();
    await second.cancel();
  }
  await pause(3000);
  const ended = times.length;
  await pause(4000);
  assert.equal(times.length, ended, 'nothing comes after it was cancelled');
  assert.equal(new Set(times).size, times.length, `each once: ${times}`);
  stop.abort();
  await running;
}

export const scheduleScenarios: readonly Scenario[] = [
  { name: 'processes of one schedule make one series', run: oneSeries },
];
