/** Our SDK and the official Java client in one conversation and in one group. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Producer, PushConsumer, SimpleConsumer } from '@skylarkmq/client';
import {
  brokerIsKnown,
  makeTopic,
  patient,
  range,
  type Target,
  unique,
  until,
} from './sdk/scenario.ts';
import { startApacheBroker, startApacheNamesrv } from './servers/apache.ts';
import { assertAllWell, JAVA_VERSIONS, runJava } from './servers/official-client.ts';
import { freePort } from './servers/ports.ts';
import type { Server } from './servers/server.ts';
import { startSkylark } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

const LIMIT_MS = 600_000;
/** A Java process may take long to start. */
const REQUEST_MS = 180_000;

async function weAsk(target: Target, version: (typeof JAVA_VERSIONS)[number]): Promise<void> {
  const topic = await makeTopic(target, 'we-ask');
  const java = runJava({ version, namesrv: target.namesrv, scenarios: [`reply=${topic},10`] });
  await using producer = new Producer(target);
  for (const index of range(10)) {
    const body = `q${index}`;
    const reply = await producer.request({ topic, body }, { timeoutMs: REQUEST_MS });
    assert.equal(reply.text(), `answer to ${body}`);
    assert.equal(reply.property('colour'), 'blau');
  }
  assertAllWell(await java);
}

async function javaAsks(target: Target, version: (typeof JAVA_VERSIONS)[number]): Promise<void> {
  const topic = await makeTopic(target, 'java-asks');
  await using producer = new Producer(target);
  await using consumer = new PushConsumer({
    ...{ ...target, group: unique('answer'), subscriptions: topic, consumeFrom: 'first' },
  });
  const running = consumer.run(
    producer.replying((request) => ({
      body: `answer to ${request.text()}`,
      properties: { colour: 'blau' },
    })),
  );
  assertAllWell(
    await runJava({ version, namesrv: target.namesrv, scenarios: [`request=${topic},10`] }),
  );
  await consumer.close();
  await running;
}

/** A Java member, a push consumer that pops and a simple consumer share one queue. */
async function oneGroup(target: Target): Promise<void> {
  const topic = await makeTopic(target, 'one-group', 1);
  const told = `${topic}-java`;
  const group = unique('mixed');
  const seen = { push: new Set<string>(), simple: new Set<string>(), java: new Set<string>() };
  const common = { ...target, group, subscriptions: topic, consumeFrom: 'first' } as const;
  await using push = new PushConsumer({ ...common, mode: 'pop', popBatchSize: 2 });
  await using simple = new SimpleConsumer({ ...common, batchSize: 2 });
  await using producer = new Producer(target);
  const running = push.run((message) => seen.push.add(message.text()), { concurrency: 1 });
  await push.start();
  const scenarios = [`pop-beside=${topic},${group},20`];
  const java = runJava({ version: '5.5.0', namesrv: target.namesrv, scenarios });
  const loop = (async () => {
    for await (const message of simple) {
      seen.simple.add(message.text());
      await message.ack();
    }
  })();
  let sent = 0;
  let done = false;
  const ended = java.finally(() => {
    done = true;
  });
  while (!done) {
    await producer.send({ topic, body: `m${sent++}` });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertAllWell(await ended);
  await using reader = new PushConsumer({
    ...{ ...target, group: unique('read'), subscriptions: told, consumeFrom: 'first' },
  });
  const reading = reader.run((message) => seen.java.add(message.text()));
  const total = (): number => new Set([...seen.push, ...seen.simple, ...seen.java]).size;
  // What the Java member held when it left comes after its minute.
  await until(`${sent} messages`, () => total() === sent, 240_000);
  for (const [name, bodies] of Object.entries(seen)) {
    assert.ok(bodies.size > 0, `the ${name} member got messages`);
  }
  for (const one of [push, reader, simple]) await one.close();
  await Promise.all([running, reading, loop]);
}

function allOf(target: () => Target): void {
  for (const version of JAVA_VERSIONS) {
    test(`we ask Java ${version}`, { timeout: LIMIT_MS }, () => weAsk(target(), version));
    test(`Java ${version} asks us`, { timeout: LIMIT_MS }, () => javaAsks(target(), version));
  }
  test('Java 5.5.0 and we pop in one group', { timeout: LIMIT_MS }, () => oneGroup(target()));
}

// Their servers are their own, and the start of a Java client is waited for most of the time.
suite('the SDK beside the Java client', { skip: skipWithout('java'), concurrency: true }, () => {
  suite('at Skylark', { concurrency: 1 }, atSkylark);
  suite('at Apache 5.5.0', { concurrency: 1 }, atApache);
});

function atSkylark(): void {
  let server: (Server & { readonly namesrv: string }) | undefined;
  before(async () => {
    server = await startSkylark();
    await brokerIsKnown({ namesrv: server.namesrv });
  });
  after(() => server?.stop());
  allOf(() => patient(server?.namesrv ?? ''));
}

function atApache(): void {
  const store = mkdtempSync(join(tmpdir(), 'skylark-sdk-java-'));
  let namesrv: Server | undefined;
  let broker: Server | undefined;
  before(async () => {
    namesrv = await startApacheNamesrv();
    broker = await startApacheBroker({ namesrv: namesrv.address, port: await freePort(), store });
    await brokerIsKnown({ namesrv: namesrv.address });
  });
  after(async () => {
    await broker?.stop();
    await namesrv?.stop();
    rmSync(store, { recursive: true, force: true });
  });
  allOf(() => patient(namesrv?.address ?? ''));
}
