import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { after, before, test } from 'node:test';
import { RequestCode, ResponseCode, SendMessage } from '@skylarkmq/wire';
import { Producer } from '../../src/producer/producer.ts';
import { ScriptedServer } from '../fake/scripted-server.ts';

const server = new ScriptedServer();
const bodies: string[] = [];

before(async () => {
  await server.start();
  server.addTopic('T', 1);
  for (const code of [RequestCode.SendMessageV2, RequestCode.SendBatchMessage]) {
    server.on(code, (request) => {
      bodies.push(String(request.body));
      return {
        code: ResponseCode.Success,
        ext: SendMessage.response.encode({ msgId: 'o', queueId: 0, queueOffset: 0 }),
      };
    });
  }
});
after(() => server.stop());

test('a middleware sees and changes what is sent, of every kind of call', async () => {
  await using producer = new Producer({ namesrv: server.address, group: 'G' });
  const kinds: string[] = [];
  producer
    .use(async (context, next) => {
      kinds.push(`${context.kind} ${context.group} ${context.messages.length}`);
      const receipts = await next();
      kinds.push(receipts.map(({ status }) => status).join());
      return receipts;
    })
    .use((context, next) => {
      context.messages = context.messages.map((one) => ({ ...one, body: `<${one.body}>` }));
      return next();
    });
  bodies.length = 0;
  await producer.send({ topic: 'T', body: 'a' });
  await producer.sendOneway({ topic: 'T', body: 'b' });
  await producer.sendBatch([
    { topic: 'T', body: 'c' },
    { topic: 'T', body: 'd' },
  ]);
  assert.deepEqual(kinds, ['send G 1', 'ok', 'oneway G 1', '', 'batch G 2', 'ok,ok']);
  assert.equal(bodies[0], '<a>');
  assert.match(bodies.at(-1) ?? '', /<c>.*<d>/s);
});

test('messages cannot appear or disappear; what a middleware throws is the error', async () => {
  await using producer = new Producer({ namesrv: server.address });
  producer.use((context, next) => {
    if (context.messages[0]?.body === 'stop') throw new Error('stopped');
    context.messages = [];
    return next();
  });
  await assert.rejects(producer.send({ topic: 'T', body: 'a' }), { code: 'INVALID_ARGUMENT' });
  await assert.rejects(producer.send({ topic: 'T', body: 'stop' }), /^Error: stopped$/);
});

test('diagnostics channels tell of every send, and of nothing when nobody listens', async () => {
  await using producer = new Producer({ namesrv: server.address, group: 'D' });
  const events: string[] = [];
  const listeners = ['start', 'asyncEnd', 'error'].map((name) => {
    const listener = (message: unknown): void => {
      assert.ok(typeof message === 'object' && message !== null && 'group' in message);
      events.push(`${name} ${String(message.group)}`);
    };
    return [channel(`tracing:skylarkmq:send:${name}`), listener] as const;
  });
  for (const [one, listener] of listeners) one.subscribe(listener);
  await producer.send({ topic: 'T', body: 'a' });
  await assert.rejects(producer.send({ topic: 'T', body: '' }));
  for (const [one, listener] of listeners) one.unsubscribe(listener);
  await producer.send({ topic: 'T', body: 'a' });
  assert.deepEqual(events, ['start D', 'asyncEnd D', 'start D', 'error D', 'asyncEnd D']);
});
