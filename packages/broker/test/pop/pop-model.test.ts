/**
 * POP against a model: whatever is sent, popped, acknowledged and changed, and whenever the broker
 * is killed, nothing is lost, nothing comes before its time is over, and nothing comes after it was
 * acknowledged.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PopLab, type Taken } from './pop-lab.ts';

const SEED = Number(process.env['POP_SEED'] ?? Date.now() % 1_000_000_000);
const RUNS = Number(process.env['POP_RUNS'] ?? 25);
const QUEUES = 2;
const INVISIBLE_MS_MAX = 20_000;
/** How late a message may come again. */
const SLACK_MS = 1000;
/** Timers are delivered so often. */
const STEP_MS = 500;

interface Expected {
  acknowledged: boolean;
  /** Nobody may get it before. */
  visibleMs: number;
  taken: Taken | undefined;
}

class Model {
  readonly messages = new Map<string, Expected>();

  /** Checks what came and notes it. */
  received(taken: readonly Taken[], invisibleMs: number, nowMs: number): void {
    for (const one of taken) {
      const expected = this.messages.get(one.body);
      assert.ok(expected !== undefined, `nobody sent ${one.body}`);
      assert.ok(!expected.acknowledged, `${one.body} comes after its acknowledgement`);
      assert.ok(
        nowMs >= expected.visibleMs,
        `${one.body} comes ${expected.visibleMs - nowMs} ms early`,
      );
      expected.taken = one;
      expected.visibleMs = nowMs + invisibleMs;
    }
  }

  /** One that is out at this time. */
  flying(choice: number, nowMs: number): Expected | undefined {
    const flying = [...this.messages.values()].filter(
      (one) => one.taken !== undefined && !one.acknowledged && one.visibleMs > nowMs,
    );
    return flying[choice % Math.max(1, flying.length)];
  }
}

interface Real {
  lab: PopLab;
}

type Step = (model: Model, real: Real) => Promise<void>;

const number = fc.nat({ max: 1000 });
const invisible = fc.integer({ min: 300, max: INVISIBLE_MS_MAX });

const send: fc.Arbitrary<Step> = number.map((queue) => async (model, { lab }) => {
  const body = `m${model.messages.size}`;
  model.messages.set(body, { acknowledged: false, visibleMs: 0, taken: undefined });
  await lab.send(body, queue % QUEUES);
});

const pop: fc.Arbitrary<Step> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), invisible)
  .map(([count, ms]) => async (model, { lab }) => {
    model.received(await lab.take(count, ms), ms, lab.time.nowMs());
  });

const ack: fc.Arbitrary<Step> = number.map((choice) => async (model, { lab }) => {
  const one = model.flying(choice, lab.time.nowMs());
  if (one?.taken === undefined) return;
  await lab.ack(one.taken);
  one.acknowledged = true;
});

const batchAck: fc.Arbitrary<Step> = number.map((choice) => async (model, { lab }) => {
  const nowMs = lab.time.nowMs();
  const first = model.flying(choice, nowMs)?.taken;
  if (first === undefined) return;
  const { startOffset, popTime, invisibleTime, reviveQueueId } = first.handle;
  const same = [...model.messages.values()].filter(
    ({ taken, acknowledged }) =>
      !acknowledged &&
      taken?.handle.startOffset === startOffset &&
      taken.handle.popTime === popTime &&
      taken.topic === first.topic &&
      taken.queueId === first.queueId,
  );
  await lab.pop.acker.acknowledgeAll({
    ...{ group: 'G', topic: first.topic, queueId: first.queueId, isOrder: false },
    ...{ startOffset, popTime, invisibleTime, reviveQueueId },
    offsets: same.map(({ taken }) => taken?.offset ?? -1),
  });
  for (const one of same) one.acknowledged = true;
});

const change: fc.Arbitrary<Step> = fc
  .tuple(number, invisible)
  .map(([choice, ms]) => async (model, { lab }) => {
    const one = model.flying(choice, lab.time.nowMs());
    if (one?.taken === undefined) return;
    const changed = await lab.change(one.taken, ms);
    assert.ok(changed !== null, 'it is in flight');
    one.taken = changed;
    one.visibleMs = changed.handle.popTime + ms;
  });

const wait: fc.Arbitrary<Step> = fc
  .integer({ min: 1, max: 9000 })
  .map((ms) => async (_, { lab }) => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await lab.time.advance(Math.min(left, STEP_MS));
      await lab.fireTimers();
    }
  });

const kill: fc.Arbitrary<Step> = fc.constant(async (_, real) => {
  real.lab = await real.lab.killed();
});

const restart: fc.Arbitrary<Step> = fc.constant(async (_, real) => {
  real.lab = await real.lab.restarted();
});

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: send },
    { weight: 6, arbitrary: pop },
    { weight: 5, arbitrary: ack },
    { weight: 1, arbitrary: batchAck },
    { weight: 2, arbitrary: change },
    { weight: 4, arbitrary: wait },
    { weight: 1, arbitrary: kill },
    { weight: 1, arbitrary: restart },
  ),
  { minLength: 10, maxLength: 60 },
);

/** Everything that is not acknowledged comes, once its time is over. */
async function drain(model: Model, { lab }: Real): Promise<void> {
  await lab.time.advance(INVISIBLE_MS_MAX + SLACK_MS);
  for (;;) {
    const taken = await lab.take(32, 60_000);
    if (taken.length === 0) break;
    model.received(taken, 60_000, lab.time.nowMs());
    for (const one of taken) {
      await lab.ack(one);
      const expected = model.messages.get(one.body);
      if (expected !== undefined) expected.acknowledged = true;
    }
  }
  const lost = [...model.messages].filter(([, one]) => !one.acknowledged).map(([body]) => body);
  assert.deepEqual(lost, [], 'messages that never came');
}

test(`POP keeps its promises (POP_SEED=${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const model = new Model();
      const real: Real = { lab: await PopLab.start(QUEUES) };
      try {
        for (const step of list) await step(model, real);
        await drain(model, real);
      } finally {
        await real.lab.stop();
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
