import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPrng, realFileSystem, realScheduler, VirtualTime } from '@skylarkmq/base';
import { PullFlag, tagsCode } from '@skylarkmq/message';
import type { Connection } from '@skylarkmq/remoting';
import {
  type Command,
  type ConsumerData,
  RequestCode,
  ResponseCode,
  Serialization,
  type SubscriptionData,
  subscriptionGroup,
  topicConfig,
} from '@skylarkmq/wire';
import type { HotPathBroker } from '../hot-path-broker.ts';
import { bodiesOf, type HotPathClient, messagesOf, numberOf } from '../hot-path-client.ts';
import { withHotPath } from '../with-hot-path.ts';

const SUSPEND = PullFlag.Suspend | PullFlag.Subscription;

function fieldsOf(answer: Command): Record<string, number> {
  return Object.fromEntries([...answer.ext].map(([name, value]) => [name, Number(value)]));
}

/** Waits until a condition holds; fails when it does not for minutes. */
async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!condition()) {
    if (performance.now() > deadline) assert.fail(`never: ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

async function fill(client: HotPathClient, count: number, tag?: string): Promise<void> {
  for (let i = 0; i < count; i++) {
    const properties: [string, string][] = tag === undefined ? [] : [['TAGS', tag]];
    await client.send({ body: `${tag ?? 'm'}${i}`, properties });
  }
}

for (const serialization of [Serialization.Json, Serialization.Binary]) {
  test(`messages are found, limited and counted, form ${serialization}`, async () => {
    await withHotPath(
      async ({ broker, client }) => {
        await fill(client, 40);
        const answer = await client.pull({ queueOffset: 3, maxMsgNums: 5 });
        assert.equal(answer.code, ResponseCode.Success);
        assert.equal(answer.remark, 'FOUND');
        assert.deepEqual(bodiesOf(answer), ['m3', 'm4', 'm5', 'm6', 'm7']);
        assert.deepEqual(fieldsOf(answer), {
          suggestWhichBrokerId: 0,
          nextBeginOffset: 8,
          minOffset: 0,
          maxOffset: 40,
          topicSysFlag: 0,
          groupSysFlag: 0,
        });
        assert.equal(messagesOf(await client.pull({ maxMsgNums: 100 })).length, 32);
        assert.equal(messagesOf(await client.pull({ maxMsgNums: 0 })).length, 1);
        assert.equal(broker.stats.view('GROUP_GET_NUMS', 'T@G')?.statsMinute.sum, 38);
        assert.equal(broker.stats.view('QUEUE_GET_NUMS', 'T@0@G')?.statsMinute.sum, 38);
        assert.equal(broker.offsets.pullOffset('G', 'T', 0), 1);
      },
      {},
      serialization,
    );
  });
}

test('offsets outside the queue are answered as officially', async () => {
  await withHotPath(async ({ client }) => {
    const empty = await client.pull({ sysFlag: PullFlag.Subscription });
    assert.equal(empty.code, ResponseCode.PullNotFound);
    assert.equal(empty.remark, 'NO_MESSAGE_IN_QUEUE');
    const beyond = await client.pull({ queueOffset: 7 });
    assert.equal(beyond.code, ResponseCode.PullOffsetMoved);
    assert.equal(numberOf(beyond, 'nextBeginOffset'), 0);
    await fill(client, 3);
    const end = await client.pull({ queueOffset: 3 });
    assert.equal(end.code, ResponseCode.PullNotFound);
    assert.equal(end.remark, 'OFFSET_OVERFLOW_ONE');
    assert.equal(numberOf(end, 'nextBeginOffset'), 3);
    const bad = await client.pull({ queueOffset: 9 });
    assert.equal(bad.code, ResponseCode.PullOffsetMoved);
    assert.equal(bad.remark, 'OFFSET_OVERFLOW_BADLY');
    assert.equal(numberOf(bad, 'nextBeginOffset'), 3);
    const negative = await client.pull({ queueOffset: -1 });
    assert.equal(negative.remark, 'OFFSET_TOO_SMALL');
    assert.equal(negative.code, ResponseCode.PullOffsetMoved);
  });
});

test('what must not be pulled is refused with the official codes', async () => {
  await withHotPath(async ({ broker, client }) => {
    type Fields = Parameters<HotPathClient['pull']>[0];
    const refuse = async (
      fields: Fields,
      code: number,
      remark: RegExp,
      forbiddenType?: string,
      requestCode?: number,
    ): Promise<void> => {
      const answer = await client.pull(fields, requestCode);
      assert.equal(answer.code, code, answer.remark ?? '');
      assert.match(answer.remark ?? '', remark);
      assert.equal(answer.ext.get('forbiddenType'), forbiddenType);
    };
    broker.change({ brokerPermission: 2 });
    await refuse({}, 16, /^the broker\[127.0.0.1\] pulling message is forbidden$/, '1');
    broker.change({ brokerPermission: 6, litePullMessageEnable: false });
    await refuse({}, 16, /lite pull consumer is forbidden/, '1', RequestCode.LitePullMessage);
    broker.change({ autoCreateSubscriptionGroup: false });
    await refuse({}, 26, /^subscription group \[G\] does not exist/);
    broker.groups.put(subscriptionGroup('G', { consumeEnable: false }));
    await refuse({}, 16, /^subscription group no permission, G$/, '2');
    broker.groups.put(subscriptionGroup('G'));
    await refuse({ topic: 'No' }, 17, /^topic\[No\] not exist, apply first please!/);
    broker.topics.put(topicConfig('WriteOnly', 4, 2));
    await refuse({ topic: 'WriteOnly' }, 16, /^the topic\[WriteOnly\] pulling message is/, '3');
    await refuse({ queueId: 4 }, 29, /^queueId\[4\] is illegal, topic:\[T\].*readQueueNums:\[4\]/);
    await refuse({ queueId: -1 }, 29, /^queueId\[-1\] is illegal/);
    await refuse({ subscription: '|| ' }, 23, /^parse the consumer's subscription failed/);
    const sql = { subscription: 'a >', expressionType: 'SQL92' };
    await refuse(sql, 23, /^parse the consumer's subscription failed: SQL92.*column 4/);
    await refuse({ expressionType: 'No' }, 23, /There is no filter of the type "No"/);
    broker.change({ enablePropertyFilter: false });
    const right = { ...sql, subscription: 'a > 1' };
    await refuse(right, 1, /does not support.*filter message by SQL92/);
    broker.change({ enablePropertyFilter: true });
    await refuse({ sysFlag: 0 }, 24, /^the consumer's group info not exist/);
  });
});

/** A connection as the registry needs one; nothing is sent to it. */
function fakeOwner(): Connection {
  const silent = { notify: () => undefined };
  return Object.assign(Object.create(silent), { closed: false, invokeOneway: () => undefined });
}

function online(
  broker: HotPathBroker,
  more: Partial<SubscriptionData>,
  model = 'CLUSTERING',
): void {
  const subscription: SubscriptionData = {
    topic: 'T',
    subString: '*',
    expressionType: 'TAG',
    subVersion: 5,
    tagsSet: [],
    codeSet: [],
    classFilterMode: false,
    ...more,
  };
  const data: ConsumerData = {
    groupName: 'G',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: model,
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [subscription],
    unitMode: false,
  };
  const client = { clientId: 'c', connection: fakeOwner(), language: 0, version: 0 };
  broker.consumers.register(data, { ...client, lastUpdateMs: 0 });
}

test('the subscription of the heartbeat decides when the pull brings none', async () => {
  await withHotPath(async ({ broker, client }) => {
    await fill(client, 2, 'a');
    await fill(client, 2, 'b');
    online(broker, { subString: 'b', codeSet: [tagsCode('b')] });
    const found = await client.pull({ sysFlag: 0, subVersion: 5 });
    assert.deepEqual(bodiesOf(found), ['b0', 'b1']);
    assert.equal(numberOf(found, 'nextBeginOffset'), 4);
    const newer = await client.pull({ sysFlag: 0, subVersion: 6 });
    assert.equal(newer.code, ResponseCode.SubscriptionNotLatest);
    assert.equal(newer.remark, "the consumer's subscription not latest");
    broker.topics.put(topicConfig('Other', 1, 6));
    const other = await client.pull({ sysFlag: 0, topic: 'Other' });
    assert.equal(other.code, ResponseCode.SubscriptionNotExist);
    assert.match(other.remark ?? '', /^the consumer's subscription not exist/);
    broker.groups.setForbidden('G', 'T', 4);
    const forbidden = await client.pull({ sysFlag: 0 });
    assert.equal(forbidden.code, ResponseCode.NoPermission);
    assert.equal(forbidden.ext.get('forbiddenType'), '5');
    broker.groups.setForbidden('G', 'T', 0);
    online(broker, { subVersion: 9, subString: 'c', codeSet: [tagsCode('c')] });
    const none = await client.pull({ sysFlag: 0 });
    assert.equal(none.code, ResponseCode.PullRetryImmediately);
    assert.equal(none.remark, 'NO_MATCHED_MESSAGE');
    assert.equal(numberOf(none, 'nextBeginOffset'), 4);
    broker.groups.put(subscriptionGroup('G', { consumeBroadcastEnable: false }));
    online(broker, { subVersion: 10 }, 'BROADCASTING');
    const broadcast = await client.pull({ sysFlag: 0 });
    assert.equal(broadcast.ext.get('forbiddenType'), '4');
  });
});

test('tags of the request filter, several of them too', async () => {
  await withHotPath(async ({ client }) => {
    for (const tag of ['a', 'b', 'c']) await fill(client, 1, tag);
    assert.deepEqual(bodiesOf(await client.pull({ subscription: ' a || c ' })), ['a0', 'c0']);
    assert.deepEqual(bodiesOf(await client.pull({ subscription: 'b' })), ['b0']);
    assert.deepEqual(bodiesOf(await client.pull({ subscription: '' })), ['a0', 'b0', 'c0']);
  });
});

test('a pull commits and notes offsets, once', async () => {
  await withHotPath(async ({ broker, client }) => {
    await fill(client, 2);
    const sysFlag = PullFlag.Subscription | PullFlag.CommitOffset;
    await client.pull({ sysFlag, commitOffset: 1, queueOffset: 1 });
    assert.equal(broker.offsets.query('G', 'T', 0), 1);
    assert.equal(broker.offsets.pullOffset('G', 'T', 0), 2);
    const held = client.pull({ sysFlag: sysFlag | SUSPEND, commitOffset: 2, queueOffset: 2 });
    await until(() => broker.holds.count === 1, 'the pull is held');
    assert.equal(broker.offsets.query('G', 'T', 0), 2);
    broker.offsets.commit('G', 'T', 0, 7, 'test');
    await client.send({ body: 'wake' });
    assert.deepEqual(bodiesOf(await held), ['wake']);
    assert.equal(broker.offsets.query('G', 'T', 0), 7, 'a pull that waited commits no second time');
  });
});

test('a reset is told by the next pull, once', async () => {
  await withHotPath(async ({ broker, client }) => {
    await fill(client, 5);
    broker.offsets.reset('G', 'T', 0, 2);
    const moved = await client.pull({ queueOffset: 5, sysFlag: SUSPEND });
    assert.equal(moved.code, ResponseCode.PullOffsetMoved);
    assert.equal(moved.remark, 'OFFSET_RESET');
    assert.equal(numberOf(moved, 'nextBeginOffset'), 2);
    assert.equal(numberOf(moved, 'maxOffset'), 5);
    assert.deepEqual(bodiesOf(await client.pull({ queueOffset: 2 })), ['m2', 'm3', 'm4']);
  });
});

test('a pull waits, wakes for wanted messages only, and gets all that came at once', async () => {
  await withHotPath(async ({ broker, client }) => {
    const held = client.pull({ sysFlag: SUSPEND, subscription: 'b' });
    await until(() => broker.holds.count === 1, 'the pull is held');
    await client.send({ body: 'a', properties: [['TAGS', 'a']] });
    assert.equal(broker.holds.count, 1);
    const two = ['b1', 'b2'].map((body) => client.send({ body, properties: [['TAGS', 'b']] }));
    await Promise.all(two);
    const answer = await held;
    assert.equal(answer.code, ResponseCode.Success);
    assert.equal(bodiesOf(answer)[0], 'b1');
    assert.equal(broker.holds.count, 0);
  });
});

test('a pull that waits is answered when its time is over', async () => {
  const time = new VirtualTime(realScheduler);
  await withHotPath(
    async ({ broker, client }) => {
      const held = client.pull({ sysFlag: SUSPEND, suspendTimeoutMillis: 20_000 });
      await until(() => broker.holds.count === 1, 'the pull is held');
      await time.advance(19_999);
      assert.equal(broker.holds.count, 1);
      await time.advance(1);
      const answer = await held;
      assert.equal(answer.code, ResponseCode.PullNotFound);
      assert.equal(answer.remark, 'NO_MESSAGE_IN_QUEUE');
      broker.change({ longPollingEnable: false });
      const short = client.pull({ sysFlag: SUSPEND, suspendTimeoutMillis: 20_000 });
      await until(() => broker.holds.count === 1, 'the pull is held');
      await time.advance(1000);
      assert.equal((await short).code, ResponseCode.PullNotFound);
    },
    { clock: time, scheduler: time },
  );
});

test('unwanted messages move a waiting pull on at the next check', async () => {
  const time = new VirtualTime(realScheduler);
  await withHotPath(
    async ({ broker, client }) => {
      const held = client.pull({ sysFlag: SUSPEND, subscription: 'b' });
      await until(() => broker.holds.count === 1, 'the pull is held');
      await client.send({ body: 'a', properties: [['TAGS', 'a']] });
      await time.advance(5000);
      const answer = await held;
      assert.equal(answer.code, ResponseCode.PullRetryImmediately);
      assert.equal(numberOf(answer, 'nextBeginOffset'), 1);
    },
    { clock: time, scheduler: time },
  );
});

test('a connection that closes takes its waiting pulls along', async () => {
  await withHotPath(async ({ broker, client }) => {
    const lost = [0, 1, 2].map((queueId) => client.pull({ sysFlag: SUSPEND, queueId }));
    const failures = Promise.allSettled(lost);
    await until(() => broker.holds.count === 3, 'the pulls are held');
    client.disconnect();
    for (const one of await failures) assert.equal(one.status, 'rejected');
    await until(() => broker.holds.count === 0, 'the pulls are gone');
    await client.send({ body: 'nobody waits' });
    assert.equal(broker.store.maxOffset('T', 0), 1);
  });
});

test('more pulls than may wait hear that the broker is busy', async () => {
  await withHotPath(async ({ broker, client }) => {
    broker.change({ heldPullsMax: 1 });
    const held = client.pull({ sysFlag: SUSPEND });
    await until(() => broker.holds.count === 1, 'the pull is held');
    const busy = await client.pull({ sysFlag: SUSPEND });
    assert.equal(busy.code, ResponseCode.SystemBusy);
    assert.match(
      busy.remark ?? '',
      /broker busy.*1 pulls wait already, at most 1 \(heldPullsMax\)/,
    );
    broker.holds.close();
    assert.equal((await held).code, ResponseCode.PullNotFound);
    const closing = await client.pull({ sysFlag: SUSPEND });
    assert.equal(closing.code, ResponseCode.PullNotFound);
  });
});

test('a topic that goes while a pull waits is missed when it wakes', async () => {
  await withHotPath(async ({ broker, client }) => {
    const held = client.pull({ sysFlag: SUSPEND });
    await until(() => broker.holds.count === 1, 'the pull is held');
    broker.topics.delete('T');
    broker.holds.close();
    assert.equal((await held).code, ResponseCode.TopicNotExist);
  });
});

test('what is no longer in memory comes from the files, the same', async () => {
  const directory = `${process.env['TMPDIR'] ?? '/tmp'}/skylark-pull-test-${process.pid}`;
  try {
    await withHotPath(
      async ({ broker, client }) => {
        const body = (i: number): string => `${i} ${'x'.repeat(60_000)}`;
        for (let i = 0; i < 40; i++) await client.send({ body: body(i) });
        const seen: string[] = [];
        for (let offset = 0; offset < 40; ) {
          const answer = await client.pull({ queueOffset: offset });
          assert.equal(answer.code, ResponseCode.Success, answer.remark ?? '');
          assert.ok((answer.body?.length ?? 0) <= 256 * 1024);
          seen.push(...bodiesOf(answer));
          offset = numberOf(answer, 'nextBeginOffset');
        }
        assert.deepEqual(
          seen,
          [...Array(40).keys()].map((i) => body(i)),
        );
        assert.equal(broker.stats.view('GROUP_GET_NUMS', 'T@G')?.statsMinute.sum, 40);
      },
      {
        fileSystem: realFileSystem,
        directory,
        store: { tailCacheBytes: 1024 * 1024, prng: createPrng(2) },
      },
    );
  } finally {
    realFileSystem.remove(directory);
  }
});

test('messages of any size reach a consumer whole', async () => {
  await withHotPath(async ({ client }) => {
    const sizes = [1, 16_000, 17_000, 70_000, 1_000_000, 4 * 1024 * 1024];
    for (const size of sizes) await client.send({ body: Buffer.alloc(size, size % 251) });
    const got: number[] = [];
    for (let offset = 0; offset < sizes.length; ) {
      const answer = await client.pull({ queueOffset: offset });
      for (const { body } of messagesOf(answer)) {
        assert.ok(body.every((byte) => byte === body.length % 251));
        got.push(body.length);
      }
      offset = numberOf(answer, 'nextBeginOffset');
    }
    assert.deepEqual(got, sizes);
  });
});
