/**
 * One store, written in turns by Skylark and by the real Apache 5.5.0 broker, with the same
 * broker.conf: each serves all that the other wrote to the official client and goes on writing.
 * What is exchanged: the log, queues, index, topics, offsets of groups, and delayed messages that
 * one accepted and the other delivers.
 */
import { suite, test } from 'node:test';
import { brokerInTurns } from './servers/broker-in-turns.ts';
import { assertAllWell, runJava } from './servers/official-client.ts';
import { skipWithout } from './servers/toolchain.ts';

const AT_ONCE = 1000;
const DELAYED = 20;
const TURN = AT_ONCE + DELAYED;
/** 10 s: longer than the change from one broker to the other takes. */
const DELAY_LEVEL = 3;

/** After them Skylark shows that all is there. */
const TURNS = ['skylark', 'apache'] as const;

suite('a store in turns', { skip: skipWithout('java', 'mvn') }, () => {
  const brokers = brokerInTurns();

  /** One after the other, in one process of the client. */
  async function java(...scenarios: readonly string[]): Promise<void> {
    const run = { version: '5.5.0', ...brokers.target, scenarios } as const;
    assertAllWell(await runJava({ ...run, options: '-Dparallel=1' }));
  }

  test('each ends cleanly and leaves work to do', async () => {
    const options = await brokers.store('clean');
    for (const [before, broker] of TURNS.entries()) {
      await brokers.begin(broker, options);
      const known = before * TURN;
      // The group has the messages since its last turn, and the delayed ones of that turn.
      const from = Math.max(0, known - DELAYED);
      await java(
        ...(known > 0 ? [`drain=Clean,${known}`] : []),
        `fill=Clean,${known},${AT_ONCE},0`,
        `follow=Clean,clean-group,${from},${known + AT_ONCE}`,
        `fill=Clean,${known + AT_ONCE},${DELAYED},${DELAY_LEVEL}`,
      );
      await brokers.end('stop');
    }
    await brokers.begin('skylark', options);
    await java(`drain=Clean,${TURNS.length * TURN}`);
    await brokers.end('stop');
  });

  test('each is killed', async () => {
    const options = await brokers.store('kill');
    for (const [before, broker] of TURNS.entries()) {
      await brokers.begin(broker, options);
      const known = before * AT_ONCE;
      const drain = known > 0 ? [`drain=Killed,${known}`] : [];
      await java(...drain, `fill=Killed,${known},${AT_ONCE},0`);
      await brokers.end('kill');
    }
    await brokers.begin('skylark', options);
    await java(`drain=Killed,${TURNS.length * AT_ONCE}`);
    await brokers.end('stop');
  });
});
