/**
 * What our broker does where nobody wrote down what brokers do: the same requests to Apache's
 * broker 5.5.0 and to ours, and the answers must agree.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { jsonObject, parseFastjson } from '@skylarkmq/base';
import { decodeRecords } from '@skylarkmq/message';
import type { Command } from '@skylarkmq/wire';
import { skipWithout } from './servers/toolchain.ts';
import {
  heartbeat,
  makeGroup,
  makeTopic,
  pop,
  popLite,
  pull,
  send,
  subscribeLite,
  withAttributes,
} from './twins/requests.ts';
import { type Asked, TwinBrokers, type TwinClient } from './twins/twin-brokers.ts';

const LIMIT = { timeout: 600_000 };
const SUCCESS = 0;
const NO_PERMISSION = 16;
const LMQ_QUOTA_EXCEEDED = 2017;
const NOTIFY_CONSUMER_IDS_CHANGED = 40;

suite('the broker does as Apache 5.5.0 does', { skip: skipWithout('java', 'mvn') }, () => {
  let twins: TwinBrokers;
  before(async () => {
    twins = await TwinBrokers.start(['enableLmq=true', 'enableMultiDispatch=true']);
    await twins.same(makeTopic('T', 2));
  });
  after(() => twins?.close());

  /** Code, and the bodies of the messages in it. */
  function messagesIn({ code, body }: Command): { code: number; bodies: readonly string[] } {
    const records = body === null || code !== SUCCESS ? [] : decodeRecords(Buffer.from(body));
    return { code, bodies: records.map((record) => record.body.toString()) };
  }

  test('consumeEnable=false: nobody of the group gets anything', LIMIT, async () => {
    await twins.same(makeGroup('Closed', { consumeEnable: false }));
    await twins.same(heartbeat('c1', 'Closed', 'T'));
    assert.equal(await twins.same(pull('T', 'Closed')), NO_PERMISSION);
    assert.equal(await twins.same(pop('T', 'Closed')), NO_PERMISSION);
    await twins.same(makeGroup('Closed', { consumeEnable: true }));
    await twins.same(pull('T', 'Closed'));
  });

  test('consumeBroadcastEnable=false: nobody broadcasts', LIMIT, async () => {
    await twins.same(makeGroup('Shared', { consumeBroadcastEnable: false }));
    await twins.same(heartbeat('c1', 'Shared', 'T', 'BROADCASTING'));
    assert.equal(await twins.same(pull('T', 'Shared')), NO_PERMISSION);
    await twins.same(makeGroup('Both', { consumeBroadcastEnable: true }));
    await twins.same(heartbeat('c2', 'Both', 'T', 'BROADCASTING'));
    await twins.same(pull('T', 'Both'));
  });

  test('retryQueueNums: queues of the retry topic, also none', LIMIT, async () => {
    for (const retryQueueNums of [0, 3]) {
      const group = `Retry${retryQueueNums}`;
      const topic = `%RETRY%${group}`;
      await twins.same(makeGroup(group, { retryQueueNums }));
      await twins.same(heartbeat('c1', group, 'T'));
      const config = { code: 351, fields: { topic } };
      const code = await twins.same(config);
      assert.equal(code, SUCCESS);
      await twins.both(async (_side, client) => {
        const { body } = await client.ask(config);
        const { readQueueNums, writeQueueNums } = JSON.parse(String(body));
        return { readQueueNums, writeQueueNums };
      });
    }
    const sendBack = {
      code: 36,
      fields: { offset: 0, group: 'Retry0', delayLevel: 3, maxReconsumeTimes: 16 },
    };
    assert.equal(await twins.same(sendBack), SUCCESS, 'what is handed back is dropped');
  });

  test('notifyConsumerIdsChangedEnable=false: members find out by themselves', LIMIT, async () => {
    const told = (client: TwinClient): boolean =>
      client.asked.some(({ code }) => code === NOTIFY_CONSUMER_IDS_CHANGED);
    for (const [group, notifyConsumerIdsChangedEnable] of [
      ['Quiet', false],
      ['Loud', true],
    ] as const) {
      await twins.same(makeGroup(group, { notifyConsumerIdsChangedEnable }));
      const [first, second] = [twins.clients(), twins.clients()];
      await twins.same(heartbeat('c1', group, 'T'), first);
      await twins.same(heartbeat('c2', group, 'T'), second);
      await twins.same({ code: 35, fields: { clientID: 'c2', consumerGroup: group } }, second);
      if (notifyConsumerIdsChangedEnable) {
        await twins.soon('notices', () => told(first.apache) && told(first.skylark));
      } else {
        assert.deepEqual([told(first.apache), told(first.skylark)], [false, false]);
      }
    }
  });

  test('offsets are reset (220) and told (221) through the members', LIMIT, async () => {
    await twins.same(send('T', 'one'));
    const status = '{"messageQueueTable":{}}';
    const members = twins.clients((command) =>
      command.code === 221 ? { code: SUCCESS, body: Buffer.from(status) } : null,
    );
    await twins.same(makeGroup('Told'));
    await twins.same(heartbeat('c1', 'Told', 'T'), members);
    const place = { topic: 'T', group: 'Told' };
    assert.equal(await twins.same({ code: 25, body: 'useServerSideResetOffset=false\n' }), SUCCESS);
    for (const queueId of [0, 1]) {
      const commit = { topic: 'T', consumerGroup: 'Told', queueId, commitOffset: 0 };
      await twins.same({ code: 15, fields: commit });
    }
    const reset = { code: 222, fields: { ...place, timestamp: 0, isForce: true } };
    await twins.same(reset);
    const asked = (client: TwinClient, code: number): Asked | undefined =>
      client.asked.find((one) => one.code === code);
    await twins.soon('the resets', () =>
      [members.apache, members.skylark].every((one) => asked(one, 220) !== undefined),
    );
    await twins.both(async (side) => {
      const command = asked(members[side], 220);
      const fields = ['topic', 'group', 'timestamp', 'isForce'];
      return {
        fields: fields.map((name) => command?.ext.get(name)),
        body: String(command?.body)
          .replaceAll(side, 'BROKER')
          .split(/[{},:"]+/)
          .sort(),
      };
    });
    await twins.same({ code: 223, fields: { ...place, clientAddr: '' } });
    await twins.both(async (side) => {
      const command = asked(members[side], 221);
      return ['topic', 'group'].map((name) => command?.ext.get(name));
    });
    await twins.same({ code: 222, fields: { topic: 'T', group: 'Nobody', timestamp: 0 } });
    // Apache's remark is that of a NullPointerException; ours says that nobody is online.
    await twins.both(async (_side, client) => {
      const nobody = { topic: 'T', group: 'Nobody', clientAddr: '' };
      return (await client.ask({ code: 223, fields: nobody })).code;
    });
    await twins.same({ code: 220, fields: place });
    await twins.same({ code: 221, fields: place });
  });

  test('a namespace of 5.x in a request changes nothing at the broker', LIMIT, async () => {
    const spaced = { nsd: true, ns: 'space', namespace: 'space' };
    const inSpace = (request: { code: number; fields?: object; body?: string | Buffer }) => ({
      ...request,
      fields: { ...request.fields, ...spaced },
    });
    await twins.same(makeTopic('Spaced', 1));
    await twins.same(inSpace(send('Spaced', 'in a space')));
    await twins.same(inSpace(heartbeat('c1', 'SpaceG', 'Spaced')));
    await twins.soon('the message', async () => {
      const found = await twins.both(async (_side, client) =>
        messagesIn(await client.ask(inSpace(pull('Spaced', 'SpaceG')))),
      );
      return found.bodies.length === 1;
    });
  });

  test('light queues above maxLmqConsumeQueueNum are refused (2017)', LIMIT, async () => {
    const light = (name: string) => send('T', 'x', { INNER_MULTI_DISPATCH: `%LMQ%${name}` });
    assert.equal(await twins.same(light('one')), SUCCESS);
    const quota = 'enableLmqQuota=true\nmaxLmqConsumeQueueNum=1\n';
    assert.equal(await twins.same({ code: 25, body: quota }), SUCCESS);
    await twins.soon('the quota', async () => {
      const codes = await Promise.all(
        (['apache', 'skylark'] as const).map((side) => twins.client(side).ask(light('two'))),
      );
      return codes.every(({ code }) => code === LMQ_QUOTA_EXCEEDED);
    });
    assert.equal(await twins.same(light('three')), LMQ_QUOTA_EXCEEDED);
    assert.equal(await twins.same(light('one')), SUCCESS, 'it is there already');
    assert.equal(await twins.same(send('T', 'x')), SUCCESS);
    assert.equal(await twins.same({ code: 25, body: 'enableLmqQuota=false\n' }), SUCCESS);
    assert.equal(await twins.same(light('four')), SUCCESS);
  });

  test('a wildcard group gets every lite topic of its parent', LIMIT, async () => {
    await twins.same(makeTopic('Chats', 1, '+message.type=LITE,+lite.topic.expiration=30'));
    const bound = { '+lite.bind.topic': 'Chats' };
    await twins.same(makeGroup('All', withAttributes({ ...bound, '+lite.sub.wildcard': 'true' })));
    await twins.same(makeGroup('Some', withAttributes(bound)));
    for (const lite of ['before', 'also']) {
      await twins.same(send('Chats', `to ${lite}`, { __LITE_TOPIC: lite }));
    }
    const wish = { topic: 'Chats', group: 'All', clientId: 'w1', liteTopics: [] };
    const named = { ...wish, liteTopics: ['before'] };
    assert.notEqual(await twins.same(subscribeLite('PARTIAL_ADD', named)), SUCCESS);
    await twins.same(subscribeLite('COMPLETE_ADD', wish));
    await twins.same(subscribeLite('COMPLETE_ADD', { ...wish, clientId: 'w2' }));
    const seen = { apache: new Set<string>(), skylark: new Set<string>() };
    const collect = async (): Promise<void> => {
      for (const clientId of ['w1', 'w2']) {
        for (const side of ['apache', 'skylark'] as const) {
          const answer = await twins.client(side).ask(popLite('Chats', 'All', clientId));
          for (const body of messagesIn(answer).bodies) seen[side].add(body);
        }
      }
    };
    await twins.soon('what was there before', async () => {
      await collect();
      return seen.apache.size === 2 && seen.skylark.size === 2;
    });
    await twins.same(send('Chats', 'to a new one', { __LITE_TOPIC: 'new' }));
    await twins.soon('a lite topic that is new', async () => {
      await collect();
      return seen.apache.size === 3 && seen.skylark.size === 3;
    });
    assert.deepEqual(seen.skylark, seen.apache);
  });

  test('greater priorities are popped first', LIMIT, async () => {
    await twins.same(makeTopic('Jobs', 4, '+message.type=PRIORITY'));
    for (const priority of [1, 0, 3, 2, 3, 9]) {
      const properties = { _SYS_MSG_PRIORITY_: String(priority) };
      await twins.same(send('Jobs', `p${priority}`, properties));
    }
    await twins.same(makeGroup('Workers'));
    const order = await twins.both(async (_side, client) => {
      const bodies: string[] = [];
      await twins.soon('six jobs', async () => {
        bodies.push(...messagesIn(await client.ask(pop('Jobs', 'Workers'))).bodies);
        return bodies.length >= 6;
      });
      return bodies;
    });
    assert.deepEqual(order, ['p3', 'p3', 'p9', 'p2', 'p1', 'p0']);
  });

  test('offsets of light groups are in a file of their own', LIMIT, async () => {
    const place = { topic: 'T', consumerGroup: '%LMQ%reader', queueId: 0 };
    const query = { code: 14, fields: place };
    await twins.same(query);
    await twins.same({ code: 15, fields: { ...place, commitOffset: 1 } });
    await twins.both(async (_side, client) => {
      const { code, ext } = await client.ask(query);
      return { code, offset: ext.get('offset') };
    });
    await twins.stopBrokers();
    await twins.both(async (side) => {
      const light = jsonObject(
        parseFastjson(twins.file(side, 'config/lmqConsumerOffset.json')),
        'offsets',
      );
      const others = jsonObject(light.get('offsetTable'), 'offsetTable');
      const told = ['T@Told', 'T@%LMQ%reader'].map((key) => others.has(key));
      return { light: light.get('lmqOffsetTable'), told };
    });
  });
});
