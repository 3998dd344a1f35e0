/**
 * Message traces: the official mqadmin shows those of our SDK, from Skylark and from Apache, and
 * our decoder reads those of the Java client.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import {
  Admin,
  decodeTrace,
  Producer,
  PullConsumer,
  PushConsumer,
  TRACE_TOPIC,
  type TraceRecord,
} from '@skylarkmq/client';
import { MqAdmin } from './mqadmin/mq-admin.ts';
import { brokerIsKnown, makeTopic, unique, until } from './sdk/scenario.ts';
import { startApacheBroker, startApacheNamesrv } from './servers/apache.ts';
import { assertAllWell, JAVA_VERSIONS, runJava } from './servers/official-client.ts';
import { freePort } from './servers/ports.ts';
import type { Server } from './servers/server.ts';
import { type AllInOne, startSkylark } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

/** Sends and consumes two messages, one of which fails first; the ids. */
async function exchange(namesrv: string, producerGroup: string, group: string) {
  const topic = await makeTopic({ namesrv }, 'trace');
  const producer = new Producer({ namesrv, group: producerGroup, trace: true });
  const good = await producer.send({ topic, body: 'good', keys: ['k1', 'k2'], tags: 'A' });
  const bad = await producer.send({ topic, body: 'bad' });
  await producer.close();
  const options = { namesrv, group, subscriptions: topic, consumeFrom: 'first' } as const;
  const consumer = new PushConsumer({ ...options, trace: true });
  let handled = 0;
  const running = consumer.run((message) => {
    handled++;
    if (message.text() === 'bad') throw new Error('as told');
  });
  await until('both messages', () => handled >= 2);
  await consumer.close();
  await running;
  return { good: good.messageId, bad: bad.messageId };
}

/** Waits until mqadmin shows all of a message: the end of its consumption may come by itself. */
async function isShown(
  admin: MqAdmin,
  messageId: string,
  ...wanted: readonly string[]
): Promise<void> {
  const patterns = wanted.map((text) => new RegExp(`^${text}`, 'm'));
  let output = '';
  const isThere = async (): Promise<boolean> => {
    output = await admin.run('queryMsgTraceById', '-i', messageId);
    return patterns.every((pattern) => pattern.test(output));
  };
  await until(`the trace of ${messageId}`, isThere).catch((error: unknown) => {
    assert.fail(`${error}: ${output}`);
  });
}

async function showsOurs(namesrv: string): Promise<void> {
  const [producers, consumers] = [unique('TP'), unique('TG')];
  const ids = await exchange(namesrv, producers, consumers);
  const admin = new MqAdmin(namesrv);
  try {
    const sent = `Pub +${producers} .* success`;
    await isShown(admin, ids.good, sent, `Sub +${consumers} .* success`);
    await isShown(admin, ids.bad, sent, `Sub +${consumers} .* failed`);
  } finally {
    await admin.close();
  }
  await using client = new Admin({ namesrv });
  const messages = await client.queryByKey(TRACE_TOPIC, ids.bad);
  const records = messages.flatMap((message) => decodeTrace(message.body));
  const end = records.find((one) => one.type === 'SubAfter' && one.messageId === ids.bad);
  assert.ok(end?.type === 'SubAfter');
  assert.equal(end.outcome, 'exception');
}

/** All records of a trace topic, until there are those that are wanted. */
async function allTraces(
  namesrv: string,
  enough: (records: readonly TraceRecord[]) => boolean,
): Promise<readonly TraceRecord[]> {
  await using consumer = new PullConsumer({ namesrv, group: unique('TR'), consumeFrom: 'first' });
  await consumer.assign(await consumer.queues(TRACE_TOPIC));
  const records: TraceRecord[] = [];
  await until('the traces', async () => {
    for (const message of await consumer.poll({ timeoutMs: 500 })) {
      records.push(...decodeTrace(message.body));
    }
    return enough(records);
  });
  return records;
}

suite('message traces with Skylark', { skip: skipWithout('java', 'mvn') }, () => {
  let server: AllInOne | undefined;
  before(async () => {
    server = await startSkylark();
    await brokerIsKnown({ namesrv: server.namesrv });
  });
  after(() => server?.stop());

  test('mqadmin shows what our clients trace', () => showsOurs(server?.namesrv ?? ''));

  for (const version of JAVA_VERSIONS) {
    test(`what the Java client ${version} traces is found and read`, async () => {
      const namesrv = server?.namesrv ?? '';
      assertAllWell(await runJava({ version, namesrv, scenarios: ['trace'] }));
      const isPublish = (one: TraceRecord): boolean => 'keys' in one && one.keys === 'traced-key';
      const records = await allTraces(namesrv, (all) => all.filter(isPublish).length >= 3);
      const traced = records.filter(isPublish);
      const publish = traced.findLast((one) => one.type === 'Pub');
      assert.ok(publish?.type === 'Pub');
      assert.equal(publish.tags, 'A');
      assert.equal(publish.bodyBytes, 6);
      assert.equal(publish.kind, 'normal');
      assert.ok(publish.success);
      const start = traced.find(
        (one) => one.type === 'SubBefore' && one.messageId === publish.messageId,
      );
      assert.ok(start?.type === 'SubBefore');
      const end = traced.find(
        (one) => one.type === 'SubAfter' && one.requestId === start.requestId,
      );
      assert.ok(end?.type === 'SubAfter');
      assert.deepEqual([end.outcome, end.success, end.group], ['success', true, start.group]);
    });
  }
});

suite('message traces with Apache 5.5.0', { skip: skipWithout('java') }, () => {
  const store = mkdtempSync(join(tmpdir(), 'skylark-trace-apache-'));
  let namesrv: Server | undefined;
  let broker: Server | undefined;
  before(async () => {
    namesrv = await startApacheNamesrv();
    const settings = ['traceTopicEnable=true'];
    const port = await freePort();
    broker = await startApacheBroker({ namesrv: namesrv.address, port, store, settings });
    await brokerIsKnown({ namesrv: namesrv.address });
  });
  after(async () => {
    await broker?.stop();
    await namesrv?.stop();
    rmSync(store, { recursive: true, force: true });
  });

  test('mqadmin shows what our clients trace', () => showsOurs(namesrv?.address ?? ''));
});
