import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { type Command, type Outgoing, RequestCode, ResponseCode } from '@skylarkmq/wire';
import { PullConsumer } from '../../src/pull/pull-consumer.ts';
import type { PullConsumerOptions } from '../../src/pull/pull-consumer-options.ts';
import { ScriptedServer } from '../fake/scripted-server.ts';

const server = new ScriptedServer();
const committed: string[] = [];

before(async () => {
  await server.start();
  server.on(RequestCode.LitePullMessage, () => null);
  server.on(RequestCode.QueryConsumerOffset, ({ ext }) => {
    const last = committed.findLast((text) => text.startsWith(`${ext.get('queueId')}:`));
    if (last === undefined) return { code: ResponseCode.QueryNotFound };
    return offset(Number(last.split(':')[1]))();
  });
  server.on(RequestCode.GetMinOffset, offset(0));
  server.on(RequestCode.GetMaxOffset, offset(100));
  server.on(RequestCode.UpdateConsumerOffset, (request: Command) => {
    committed.push(`${request.ext.get('queueId')}:${request.ext.get('commitOffset')}`);
    return { code: ResponseCode.Success };
  });
});
after(() => server.stop());
beforeEach(() => {
  committed.length = 0;
  server.addTopic('T', 2);
});

function offset(value: number): () => Outgoing {
  return () => ({ code: ResponseCode.Success, ext: new Map([['offset', String(value)]]) });
}

function consumer(more: Partial<PullConsumerOptions> = {}): PullConsumer {
  return new PullConsumer({ namesrv: server.address, group: 'G', ...more });
}

const first = { topic: 'T', brokerName: 'b', queueId: 0 };
const second = { topic: 'T', brokerName: 'b', queueId: 1 };

test('positions are committed when a queue is given up, and at the end', async () => {
  const one = consumer();
  await one.assign([first, second]);
  await one.seek(first, 40);
  await one.seek(second, 50);
  assert.equal(await one.position(first), 40);
  await one.assign([second]);
  assert.equal(await one.position(first), undefined);
  await one.close();
  assert.deepEqual([...committed].sort(), ['0:40', '1:50']);
});

test('without auto commit nothing is committed unasked', async () => {
  const one = consumer({ autoCommit: false });
  await one.assign([first]);
  await one.seek(first, 40);
  await one.assign([]);
  await one.assign([second]);
  await one.commit([{ queue: second, offset: 7 }]);
  await one.close();
  assert.deepEqual(committed, ['1:7']);
});

test('a seek beyond the ends is refused with the ends', async () => {
  await using one = consumer();
  await one.assign([first]);
  await assert.rejects(one.seek(first, 101), {
    code: 'INVALID_ARGUMENT',
    message: /Offset 101 is outside of 0 to 100/,
  });
  await assert.rejects(one.seek(second, 1), { message: /is not assigned to this consumer/ });
});

test('a poll ends by time with nothing, by signal with an error', async () => {
  await using one = consumer();
  await one.assign([first]);
  assert.deepEqual(await one.poll({ timeoutMs: 20 }), []);
  const signal = AbortSignal.timeout(20);
  await assert.rejects(one.poll({ timeoutMs: 60_000, signal }), { code: 'ABORTED' });
  await assert.rejects(one.poll({ max: 0 }), { code: 'INVALID_ARGUMENT' });
});

test('subscriptions and assignment exclude each other', async () => {
  await using one = consumer({ subscriptions: 'T' });
  await assert.rejects(one.assign([first]), { code: 'INVALID_ARGUMENT' });
  await using two = consumer();
  const unknown = { ...first, topic: 'Nowhere' };
  await assert.rejects(two.assign([unknown]), { code: 'NO_ROUTE' });
});

test('whoever is told of queues hears the topic without its namespace', async (t) => {
  server.addTopic('ns%T', 2);
  const offsetsDirectory = mkdtempSync(join(tmpdir(), 'skylark-offsets-'));
  t.after(() => rmSync(offsetsDirectory, { recursive: true }));
  const told = new Promise<readonly [string, number]>((resolve) => {
    const one = consumer({
      ...{ namespace: 'ns', subscriptions: 'T', model: 'broadcasting', offsetsDirectory },
      onAssignment: (topic, queues) => resolve([topic, queues.length]),
    });
    t.after(() => one.close());
    one.start().catch((error: unknown) => assert.fail(String(error)));
  });
  assert.deepEqual(await told, ['T', 2]);
});

test('a start that failed may be repeated, a closed consumer says so', async () => {
  const lost = new PullConsumer({ namesrv: '127.0.0.1:1', group: 'G', subscriptions: 'T' });
  await assert.rejects(lost.start(), { code: 'CONNECT' });
  await assert.rejects(lost.start(), { code: 'CONNECT' });
  await lost.close();
  await assert.rejects(lost.start(), { code: 'CLOSED' });
  await assert.rejects(lost.poll(), { code: 'CLOSED' });
});
