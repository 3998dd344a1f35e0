/**
 * Random sends, recalls, restarts and kills against a model: everything comes, never early, once
 * (again only after a kill), and nothing that was recalled in time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, randomSeed } from '@skylarkmq/base';
import { PropertyName, SystemTopic } from '@skylarkmq/message';
import { timerOutMs } from '@skylarkmq/store';
import { TimerBroker } from './timer-broker.ts';

const RUNS = process.env['SOAK'] === undefined ? 4 : 400;
const STEPS = 60;
/** Most of the long waits are stored again on the way. */
const SETTINGS = { timerRollWindowSlot: 600 };
const SEED = Number(process.env['TIMER_MODEL_SEED'] ?? randomSeed());
/** What came since the last save may come again after a kill: a second, and what is under way. */
const AGAIN_MS = 2500;

interface Expected {
  readonly dueMs: number;
  recalled: boolean;
}

class Model {
  readonly messages = new Map<string, Expected>();
  readonly kills: number[] = [];

  check(found: readonly { text: string; atMs: number }[], seed: number): void {
    const seen = new Map<string, number[]>();
    for (const { text, atMs } of found) seen.set(text, [...(seen.get(text) ?? []), atMs]);
    for (const [text, { dueMs, recalled }] of this.messages) {
      const times = seen.get(text) ?? [];
      const words = `seed ${seed}: ${text}, due ${dueMs}, came ${times.join()}`;
      if (recalled) assert.deepEqual(times, [], `${words} though recalled`);
      else assert.ok(times.length > 0, `${words}: lost`);
      for (const atMs of times) assert.ok(atMs >= dueMs, `${words}: early`);
      for (const [index, atMs] of times.entries()) {
        if (index === 0) continue;
        const before = times[index - 1] ?? 0;
        const killed = this.kills.some(
          (ms) => ms >= before && ms - before <= AGAIN_MS && atMs >= ms,
        );
        assert.ok(killed, `${words}: twice without a kill`);
      }
    }
  }
}

async function recall(broker: TimerBroker, text: string, dueMs: number): Promise<boolean> {
  assert.ok(broker.timers.announceRecall(text));
  const { status } = await broker.store.put({
    ...{ topic: SystemTopic.Timer, queueId: 0, body: Buffer.from('0') },
    properties: [
      [PropertyName.TimerDeleteUniqueKey, text],
      [PropertyName.UniqueKey, text],
      [PropertyName.RealTopic, 'T'],
      [PropertyName.RealQueueId, '0'],
      [PropertyName.TimerOutMs, String(timerOutMs(dueMs))],
    ],
  });
  broker.timers.confirmRecall(text);
  return status === 'OK';
}

async function run(seed: number): Promise<void> {
  const prng = createPrng(seed);
  const flush = prng.below(2) === 0 ? 'sync' : 'async';
  let broker = await TimerBroker.start({ flush, settings: SETTINGS });
  const model = new Model();
  for (let step = 0; step < STEPS; step++) {
    const nowMs = broker.time.nowMs();
    const choice = prng.below(20);
    if (choice < 9) {
      const spanMs = [300, 3000, 40_000, 3000_000][prng.below(4)] ?? 1;
      for (let count = prng.below(4); count >= 0; count--) {
        const text = `${step}.${count}`;
        const dueMs = nowMs + 1 + prng.below(spanMs);
        const { status } = await broker.sendAt(text, dueMs);
        assert.equal(status, 'OK');
        model.messages.set(text, { dueMs, recalled: false });
      }
    } else if (choice < 12) {
      const open = [...model.messages].filter(([, one]) => !one.recalled && one.dueMs > nowMs);
      const [text, expected] = open[prng.below(Math.max(1, open.length))] ?? [];
      if (text === undefined || expected === undefined) continue;
      expected.recalled = await recall(broker, text, expected.dueMs);
    } else if (choice < 17) {
      await broker.advance([7, 400, 1500, 30_000, 1000_000][prng.below(5)] ?? 1);
    } else if (choice < 19) {
      broker = await broker.restart({ flush, settings: SETTINGS });
    } else {
      model.kills.push(broker.time.nowMs());
      broker = await broker.killAndRestart({ flush, settings: SETTINGS });
    }
  }
  await broker.advance(4_000_000);
  model.check(await broker.delivered(), seed);
  assert.equal(broker.timers.figures().offsetBehind, 0);
  await broker.close();
}

test(`everything comes, once, or was recalled (TIMER_MODEL_SEED=${SEED})`, async () => {
  for (let index = 0; index < RUNS; index++) await run(SEED + index);
});
