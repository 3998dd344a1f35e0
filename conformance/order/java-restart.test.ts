/** Order by key and in a whole topic, while our broker goes down and comes back: Java's client. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Admin } from '@skylarkmq/client';
import { makeTopic, type Target, until } from '../sdk/scenario.ts';
import { assertAllWell, runJava } from '../servers/official-client.ts';
import { skipWithout } from '../servers/toolchain.ts';
import { type Down, RestartingBroker } from './restarting-broker.ts';

const DOWNS: readonly Down[] = ['stop', 'kill'];
const STEPS = 300;
const LIMIT_MS = 600_000;

suite('order through a restart of the broker, with the official Java client', {
  skip: skipWithout('java', 'mvn'),
}, () => {
  let broker: RestartingBroker;
  before(async () => {
    broker = await RestartingBroker.start();
  });
  after(() => broker?.close());

  /** Messages that the topic has. */
  async function stored(target: Target, topic: string): Promise<number> {
    await using admin = new Admin(target);
    const queues = await admin.queues(topic);
    const ends = await Promise.all(queues.map((queue) => admin.maxOffset(queue)));
    return ends.reduce((sum, end) => sum + end, 0);
  }

  async function run(queues: number, keys: number): Promise<void> {
    const target: Target = { namesrv: broker.namesrv };
    const topic = await makeTopic(target, 'order-java', queues);
    const scenarios = [`order-through=${topic},${keys},${STEPS}`];
    const options = '-DlimitSeconds=800';
    const java = runJava({ version: '5.5.0', namesrv: target.namesrv, scenarios, options });
    let isOver = false;
    let restarts = 0;
    const done = java.finally(() => {
      isOver = true;
    });
    done.catch(() => {});
    for (const [index, down] of DOWNS.entries()) {
      const share = (STEPS * keys * (index + 1)) / (DOWNS.length + 2);
      const isOn = async (): Promise<boolean> => isOver || (await stored(target, topic)) >= share;
      await until(`messages before the ${down}`, isOn, LIMIT_MS);
      if (isOver) break;
      await broker.restart(down);
      restarts += 1;
    }
    assertAllWell(await done);
    assert.equal(restarts, DOWNS.length, 'the client was done before the restarts');
  }

  test('keeps the order of each key', () => run(4, 8));
  test('keeps the order of a whole topic', () => run(1, 1));
});
