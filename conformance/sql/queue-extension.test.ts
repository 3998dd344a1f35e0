/**
 * What queues keep of messages besides their place (`enableConsumeQueueExt`), with the bits that
 * spare SQL filters a look at them (`enableCalcFilterBitMap`): Apache 5.5.0 opens what Skylark
 * wrote, reads the bits, writes the same ones, and Skylark goes on.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Producer, PushConsumer } from '@skylarkmq/client';
import { MqAdmin } from '../mqadmin/mq-admin.ts';
import { brokerIsKnown, makeTopic, range, type Target, unique, until } from '../sdk/scenario.ts';
import { startApacheBroker } from '../servers/apache.ts';
import { freePort } from '../servers/ports.ts';
import type { BrokerOptions, Server } from '../servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from '../servers/skylark.ts';
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
  const store = mkdtempSync(join(tmpdir(), 'skylark-extensions-'));
  let namesrv: Server;
  let running: Server | undefined;
  before(async () => {
    namesrv = await startSkylarkNamesrv();
  });
  after(async () => {
    await running?.kill();
    await namesrv?.stop();
    rmSync(store, { recursive: true, force: true });
  });

  test('Apache reads those of Skylark and writes the same', async () => {
    const port = await freePort();
    const options: BrokerOptions = {
      ...{ namesrv: namesrv.address, port, store, settings: SETTINGS },
    };
    const target: Target = { namesrv: namesrv.address };
    const group = unique('extension');
    const received: string[] = [];
    const begin = async (start: typeof startSkylarkBroker): Promise<void> => {
      await running?.stop();
      running = undefined;
      running = await start(options);
      await brokerIsKnown(target);
    };
    await begin(startSkylarkBroker);
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
    await begin(startApacheBroker);
    await send('Apache');
    const admin = new MqAdmin(namesrv.address);
    const command = ['queryCq', '-t', topic, '-q', '0', '-i', '0', '-c', String(2 * TURN)];
    const units = unitsIn(await admin.run(...command, '-g', group, '-b', `127.0.0.1:${port}`));
    await admin.close();
    assert.equal(units.length, 2 * TURN);
    for (const [index, unit] of units.entries()) {
      const a = index % TURN;
      assert.ok(unit.storeTime > 0, `message ${index} has no extension`);
      assert.equal(unit.eval, a > WANTED_ABOVE, `message ${index}: ${unit.bitMap}`);
      assert.equal(unit.bitMap, units[a]?.bitMap, `message ${index}: the bits`);
    }
    await begin(startSkylarkBroker);
    await send('Skylark again');
    await consumer.close();
    await consuming;
    const unwanted = received.filter((body) => !wanted.includes(body));
    assert.deepEqual(unwanted, []);
  });
});
