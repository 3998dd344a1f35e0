/**
 * What queues keep of messages besides their place (`enableConsumeQueueExt`), with the bits that
 * spare SQL filters a look at them (`enableCalcFilterBitMap`): Apache 5.5.0 opens what Skylark
 * wrote, reads the bits, writes the same ones, and Skylark goes on.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Producer, PushConsumer } from '@skylarkmq/client';
import { MqAdmin } from '../mqadmin/mq-admin.ts';
import { makeTopic, range, unique, until } from '../sdk/scenario.ts';
import { type BrokerKind, brokerInTurns } from '../servers/broker-in-turns.ts';
import { skipWithout } from '../servers/toolchain.ts';

const SETTINGS = ['enableConsumeQueueExt=true', 'enableCalcFilterBitMap=true'];
/** Messages that each broker gets in its turn. */
const TURN = 20;
/** Those with a greater number are wanted. */
const WANTED_ABOVE = 5;
const PATIENCE_MS = 120_000;

/** A unit of what mqadmin shows of a queue. */
interface Unit {
  readonly storeTime: number;
  readonly bitMap: string;
  /** Whether the bits say that the group wants the message. */
  readonly eval: boolean;
}

function unitsIn(output: string): Unit[] {
  const units = output.split('ConsumeQueueData{').slice(1);
  return units.map((text) => ({
    storeTime: Number(/"msgStoreTime":(\d+)/.exec(text)?.[1] ?? 0),
    bitMap: /bitMap='([^']*)'/.exec(text)?.[1] ?? '',
    eval: text.includes('eval=true'),
  }));
}

suite('extensions of queues', { skip: skipWithout('java', 'mvn') }, () => {
  const brokers = brokerInTurns();

  test('Apache reads those of Skylark and writes the same', async () => {
    const options = await brokers.store('extensions', SETTINGS);
    const { target } = brokers;
    const group = unique('extension');
    const received: string[] = [];
    const begin = async (kind: BrokerKind): Promise<string> => {
      await brokers.end('stop');
      return (await brokers.begin(kind, options)).address;
    };
    await begin('skylark');
    const topic = await makeTopic(target, 'extension', 1);
    const sql = `a > ${WANTED_ABOVE}`;
    await using consumer = new PushConsumer({
      ...{ ...target, group, subscriptions: [{ topic, sql }], consumeFrom: 'first' },
    });
    const consuming = consumer.run((message) => {
      received.push(message.text());
    });
    await until('a queue', () => consumer.assignment().length > 0, PATIENCE_MS);
    const wanted: string[] = [];
    const send = async (turn: string): Promise<void> => {
      await using producer = new Producer({ ...target, sendTimeoutMs: 20_000 });
      for (const a of range(TURN)) {
        const body = `${turn} ${a}`;
        await producer.send({ topic, body, properties: { a: String(a) } });
        if (a > WANTED_ABOVE) wanted.push(body);
      }
      const isDone = (): boolean => wanted.every((text) => received.includes(text));
      await until(`what was sent to ${turn}`, isDone, PATIENCE_MS);
    };
    await send('Skylark');
    const address = await begin('apache');
    await send('Apache');
    const admin = new MqAdmin(target.namesrv);
    const command = ['queryCq', '-t', topic, '-q', '0', '-i', '0', '-c', String(2 * TURN)];
    const units = unitsIn(await admin.run(...command, '-g', group, '-b', address));
    await admin.close();
    assert.equal(units.length, 2 * TURN);
    for (const [index, unit] of units.entries()) {
      const a = index % TURN;
      assert.ok(unit.storeTime > 0, `message ${index} has no extension`);
      assert.equal(unit.eval, a > WANTED_ABOVE, `message ${index}: ${unit.bitMap}`);
      assert.equal(unit.bitMap, units[a]?.bitMap, `message ${index}: the bits`);
    }
    await begin('skylark');
    await send('Skylark again');
    await consumer.close();
    await consuming;
    const unwanted = received.filter((body) => !wanted.includes(body));
    assert.deepEqual(unwanted, []);
  });
});
