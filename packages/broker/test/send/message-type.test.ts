import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeProperties, PropertyScan } from '@skylarkmq/message';
import { UpdateAndCreateTopic } from '@skylarkmq/wire';
import {
  messageTypeProblem,
  type RequiredType,
  requiredType,
} from '../../src/send/message-type.ts';
import { startAdminBroker, topicFields } from '../admin-broker.ts';

function problem(required: RequiredType, properties: Readonly<Record<string, string>>) {
  const buffer = encodeProperties(Object.entries(properties));
  const scan = new PropertyScan();
  scan.scan(buffer, 0, buffer.length);
  return messageTypeProblem('T', required, scan, buffer);
}

const PLAIN = { TAGS: 'a' };
const DELAYED = { DELAY: '3' };
const TIMED = { TIMER_DELIVER_MS: '1' };
const KEYED = { __SHARDINGKEY: 'k' };
const IN_TRANSACTION = { TRAN_MSG: 'true' };
const NO_DELAY = { DELAY: '0' };

test('each type of topic takes its own messages', () => {
  for (const fits of [PLAIN, KEYED, NO_DELAY]) {
    assert.equal(problem('NORMAL', fits), null);
    assert.equal(problem('FIFO', fits), null);
  }
  assert.equal(problem('DELAY', DELAYED), null);
  assert.equal(problem('DELAY', TIMED), null);
  assert.equal(problem('TRANSACTION', IN_TRANSACTION), null);
  for (const misfit of [DELAYED, TIMED, IN_TRANSACTION]) {
    assert.ok(problem('NORMAL', misfit) !== null);
    assert.ok(problem('FIFO', misfit) !== null);
  }
  for (const misfit of [PLAIN, KEYED, NO_DELAY, IN_TRANSACTION]) {
    assert.ok(problem('DELAY', misfit) !== null);
  }
  for (const misfit of [PLAIN, DELAYED]) assert.ok(problem('TRANSACTION', misfit) !== null);
});

test('topics without a type, and those for all of them, require none', () => {
  for (const type of ['UNSPECIFIED', 'MIXED', 'PRIORITY', 'LITE']) {
    assert.equal(requiredType(new Map([['message.type', type]])), null);
  }
  assert.equal(requiredType(new Map()), null);
  assert.equal(requiredType(new Map([['message.type', 'DELAY']])), 'DELAY');
});

test('a broker refuses what does not fit and says what to do', async (t) => {
  const broker = await startAdminBroker(t);
  const attributes = '+message.type=DELAY';
  await broker.ask(UpdateAndCreateTopic.code, topicFields('Late', { attributes }));
  await assert.rejects(broker.send('Late', 'now'), {
    message:
      /^13 .*the topic Late is for messages of type DELAY, this one is NORMAL: give it a delay/,
  });
  assert.ok(await broker.send('Late', 'later', DELAYED));
  await broker.ask(
    UpdateAndCreateTopic.code,
    topicFields('Late', { attributes: '+message.type=NORMAL' }),
  );
  assert.ok(await broker.send('Late', 'now'));
  await assert.rejects(broker.send('Late', 'later', DELAYED), { message: /^13 .*without delay/ });
});

test('a topic that is read only takes nothing and gives what it has', async (t) => {
  const broker = await startAdminBroker(t);
  await broker.makeTopic('Drained');
  await broker.send('Drained', 'before');
  await broker.ask(UpdateAndCreateTopic.code, topicFields('Drained', { perm: 4 }));
  await assert.rejects(broker.send('Drained', 'after'), {
    message: /^16 the topic\[Drained\] sending message is forbidden. Cause: its perm is 4; allow/,
  });
  const pull = { consumerGroup: 'G', topic: 'Drained', queueId: 0, queueOffset: 0, maxMsgNums: 8 };
  const more = { sysFlag: 4, commitOffset: 0, suspendTimeoutMillis: 0, subscription: '*' };
  const pulled = await broker.ask(11, { ...pull, ...more, subVersion: 1, expressionType: 'TAG' });
  assert.equal(pulled.code, 0);
  assert.match(pulled.body?.toString('latin1') ?? '', /before/);
  await broker.ask(UpdateAndCreateTopic.code, topicFields('Drained', { perm: 6 }));
  assert.ok(await broker.send('Drained', 'again'));
});
