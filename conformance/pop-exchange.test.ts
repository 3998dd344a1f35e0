/**
 * Messages in flight survive a change of the broker on the same store: what Skylark handed out,
 * Apache 5.5.0 gives back in time or keeps acknowledged, and the other way round.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import {
  decodeRecords,
  formatPopHandle,
  PopTopicKind,
  popRealTopic,
  type StoredMessage,
} from '@skylarkmq/message';
import { RemotingClient } from '@skylarkmq/remoting';
import {
  AckMessage,
  type Command,
  type Outgoing,
  PopMessage,
  parsePopMessageOffsets,
  parsePopStartOffsets,
  SendMessage,
} from '@skylarkmq/wire';
import {
  BOTH_ORDERS,
  type BrokerInTurns,
  type BrokerKind,
  brokerInTurns,
} from './servers/broker-in-turns.ts';
import { skipWithout } from './servers/toolchain.ts';

const TOPIC = 'Flying';
const GROUP = 'flyers';
const MESSAGES = 20;
/** On most machines longer than the change of brokers takes. */
const INVISIBLE_MS = 60_000;
/** By how much one broker may take a message for due before the other does. */
const EARLY_MS = 1000;
const PATIENCE_MS = 300_000;

interface Taken {
  readonly body: string;
  /** Until then nobody else gets it. */
  readonly hiddenUntilMs: number;
  readonly ext: Map<string, string>;
}

class Consumer {
  readonly #client = new RemotingClient({
    clock: realClock,
    scheduler: realScheduler,
    logger: silentLogger,
  });
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Until the server is not busy any more. */
  async ask(request: Outgoing): Promise<Command> {
    for (;;) {
      const answer = await this.#client.invoke(this.#address, request, { timeoutMs: 20_000 });
      if (answer.code !== 2) return answer;
      await sleep(200);
    }
  }

  async send(body: string): Promise<void> {
    const ext = SendMessage.request.encode({
      ...{ producerGroup: 'P', topic: TOPIC, defaultTopic: 'TBW102', defaultTopicQueueNums: 4 },
      ...{ queueId: Number(body) % 4, sysFlag: 0, bornTimestamp: Date.now(), flag: 0 },
      ...{ properties: '', reconsumeTimes: 0, unitMode: false, batch: false },
    });
    const answer = await this.ask({ code: SendMessage.code, ext, body: Buffer.from(body) });
    assert.equal(answer.code, 0, answer.remark ?? '');
  }

  async take(count: number, invisibleTime: number): Promise<Taken[]> {
    const ext = PopMessage.request.encode({
      ...{ consumerGroup: GROUP, topic: TOPIC, queueId: -1, maxMsgNums: count, invisibleTime },
      ...{ pollTime: 1000, bornTime: Date.now(), initMode: 0, order: false },
    });
    const answer = await this.ask({ code: PopMessage.code, ext });
    if (answer.code !== 0 || answer.body === null) return [];
    const found = PopMessage.response.decode(answer.ext);
    const starts = parsePopStartOffsets(found.startOffsetInfo);
    const kinds = parsePopMessageOffsets(found.msgOffsetInfo);
    return decodeRecords(answer.body).map((message: StoredMessage) => {
      const { queueId, queueOffset, properties } = message;
      const kind =
        properties.get('POP_CK')?.split(' ')[4] === PopTopicKind.RetryV1
          ? PopTopicKind.RetryV1
          : PopTopicKind.Normal;
      const index = kinds.findIndex((one) => one.kind === kind && one.queueId === queueId);
      const { popTime, reviveQid: reviveQueueId } = found;
      const startOffset = starts[index]?.startOffset ?? -1;
      const brokerName = 'broker-a';
      const extraInfo = formatPopHandle({
        ...{ startOffset, popTime, invisibleTime, reviveQueueId, topicKind: kind, brokerName },
        ...{ queueId, queueOffset },
      });
      const topic = popRealTopic(kind, GROUP, TOPIC);
      const place = { consumerGroup: GROUP, topic, queueId, extraInfo, offset: queueOffset };
      const hiddenUntilMs = popTime + invisibleTime;
      const ext = AckMessage.request.encode(place);
      return { body: message.body.toString(), hiddenUntilMs, ext };
    });
  }

  async takeAll(count: number, invisibleTime: number): Promise<Taken[]> {
    const taken: Taken[] = [];
    const deadline = Date.now() + PATIENCE_MS;
    while (taken.length < count) {
      assert.ok(Date.now() < deadline, `only ${taken.length} of ${count} messages came`);
      taken.push(...(await this.take(count - taken.length, invisibleTime)));
    }
    return taken;
  }

  /** Takes and acknowledges so many different messages; when each was handed out. */
  async finish(count: number): Promise<Map<string, number>> {
    const came = new Map<string, number>();
    const deadline = Date.now() + PATIENCE_MS;
    while (came.size < count) {
      assert.ok(Date.now() < deadline, `only ${[...came.keys()]} of ${count} messages came`);
      for (const one of await this.take(count, INVISIBLE_MS)) {
        if (!came.has(one.body)) came.set(one.body, one.hiddenUntilMs - INVISIBLE_MS);
        await this.ack(one);
      }
    }
    return came;
  }

  async ack({ ext }: Taken): Promise<void> {
    const answer = await this.ask({ code: AckMessage.code, ext });
    assert.equal(answer.code, 0, answer.remark ?? '');
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

async function change(
  brokers: BrokerInTurns,
  first: BrokerKind,
  second: BrokerKind,
): Promise<void> {
  const options = await brokers.store(first);
  const { address } = await brokers.begin(first, options);
  let consumer = new Consumer(address);
  for (let index = 0; index < MESSAGES; index++) await consumer.send(String(index));
  const taken = await consumer.takeAll(MESSAGES / 2, INVISIBLE_MS);
  const kept = taken.splice(0, taken.length / 2);
  for (const one of taken) await consumer.ack(one);
  await consumer.close();
  await brokers.end('stop');

  await brokers.begin(second, options);
  consumer = new Consumer(address);
  const came = await consumer.finish(MESSAGES - taken.length);
  for (const { body } of taken) assert.ok(!came.has(body), `${body} was acknowledged and came`);
  for (const { body, hiddenUntilMs } of kept) {
    const earlyMs = hiddenUntilMs - (came.get(body) ?? 0);
    assert.ok(earlyMs <= EARLY_MS, `${body} came ${earlyMs} ms early`);
  }
  assert.deepEqual(await consumer.take(32, 1000), []);
  await consumer.close();
  await brokers.end('stop');
}

// Each part has a name server and a store of its own, and waits most of the time.
suite('messages in flight', { skip: skipWithout('java', 'mvn'), concurrency: true }, () => {
  for (const [first, second] of BOTH_ORDERS) {
    suite(`from ${first} to ${second}`, { concurrency: 1 }, () => {
      const brokers = brokerInTurns();
      test(`${first} hands out, ${second} goes on`, () => change(brokers, first, second));
    });
  }
});
