/**
 * The official mqadmin looks into consumers through our broker: consumers of our SDK and of the
 * official Java client. Expected is what the same commands print with Apache's broker 5.5.0.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Producer, PushConsumer } from '@skylarkmq/client';
import { MqAdmin } from './mqadmin/mq-admin.ts';
import { makeTopic, until } from './sdk/scenario.ts';
import { type AllInOne, startSkylark } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

const GROUPS = [
  { group: 'Sdk', ordered: false },
  { group: 'SdkOrdered', ordered: true },
] as const;

suite('mqadmin and consumers', { skip: skipWithout('java', 'mvn') }, () => {
  let skylark: AllInOne;
  let admin: MqAdmin;
  let topic = '';
  let messageId = '';
  let offsetId = '';
  const consumers: PushConsumer[] = [];
  const running: Promise<void>[] = [];
  const seen = new Map<string, string[]>(GROUPS.map(({ group }) => [group, []]));

  before(async () => {
    skylark = await startSkylark();
    admin = new MqAdmin(skylark.namesrv);
    const target = { namesrv: skylark.namesrv };
    topic = await makeTopic(target, 'watched', 1);
    for (const { group, ordered } of GROUPS) {
      const subscriptions = topic;
      const options = { ...target, group, ordered, subscriptions, consumeFrom: 'first' } as const;
      const consumer = new PushConsumer(options);
      consumers.push(consumer);
      running.push(consumer.run((message) => void seen.get(group)?.push(message.text())));
    }
    await using producer = new Producer(target);
    ({ messageId, offsetMessageId: offsetId } = await producer.send({ topic, body: 'one' }));
    await admin.run('@consume', 'Java', topic);
    await until('the message at all', () => [...seen.values()].every((got) => got.length === 1));
    // A broker tells the name server of a group's retry topic after the first heartbeat.
    await until("Java's member at work", async () => {
      const connection = await admin.run('consumerConnection', '-g', 'Java');
      const id = memberIn(connection);
      if (id === '') return false;
      return isAtWork(await admin.run('consumerStatus', '-g', 'Java', '-i', id, '-s'));
    });
  });
  after(async () => {
    for (const consumer of consumers) await consumer.close();
    await Promise.all(running);
    await admin?.close();
    await skylark?.stop();
  });

  /** The client id in the list of a group's only member; empty when there is none. */
  function memberIn(connections: string): string {
    return connections.match(/^(\S+@\S+) +127\.0\.0\.1:\d+ /m)?.[1] ?? '';
  }

  function isAtWork(status: string): boolean {
    return new RegExp(`^${topic} +broker-a +0 +`, 'm').test(status);
  }

  async function clientIdOf(group: string): Promise<string> {
    const output = await admin.run('consumerConnection', '-g', group);
    const id = memberIn(output);
    assert.ok(id !== '', output);
    return id;
  }

  for (const group of ['Sdk', 'SdkOrdered', 'Java']) {
    test(`${group}: what the consumer does, and its stack`, async () => {
      const id = await clientIdOf(group);
      const info = await admin.run('consumerStatus', '-g', group, '-i', id, '-s');
      assert.match(info, /#Consumer MQ Detail#/);
      assert.ok(isAtWork(info), info);
      assert.match(info, group === 'Java' ? /#Consumer jstack#|TID: 1/ : /messages \(\d+ bytes\)/);
    });

    test(`${group}: one message is consumed on demand`, async () => {
      const id = await clientIdOf(group);
      const again = await admin.run(
        'queryMsgByUniqueKey',
        '-t',
        topic,
        '-i',
        messageId,
        '-g',
        group,
        '-d',
        id,
      );
      assert.match(again, /consumeResult=CR_SUCCESS/, again);
      const byId = await admin.run(
        'queryMsgById',
        '-t',
        topic,
        '-i',
        offsetId,
        '-g',
        group,
        '-d',
        id,
      );
      assert.match(byId, /consumeResult=CR_SUCCESS/, byId);
    });
  }

  test('an SDK consumer that runs begins again where its offset is set to', async () => {
    for (const { group } of GROUPS) {
      const before = seen.get(group)?.length ?? 0;
      const reset = await admin.run('resetOffsetByTime', '-g', group, '-t', topic, '-s', '0');
      assert.match(reset, /^broker-a +0 +0 *$/m, reset);
      await until(`${group} again`, () => (seen.get(group)?.length ?? 0) > before);
    }
  });
});
