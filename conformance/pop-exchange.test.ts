/**
 * Messages in flight survive a change of the broker on the same store: what Skylark handed out,
 * Apache 5.5.0 gives back in time or keeps acknowledged, and the other way round.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
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
import { startApacheBroker } from './servers/apache.ts';
import { freePort } from './servers/ports.ts';
import type { BrokerOptions, Server } from './servers/server.ts';
import { startSkylarkBroker, startSkylarkNamesrv } from './servers/skylark.ts';
import { skipWithout } from './servers/toolchain.ts';

const TOPIC = 'Flying';
const GROUP = 'flyers';
const MESSAGES = 20;
/** Longer than the change of brokers takes. */
const INVISIBLE_MS = 60_000;
const PATIENCE_MS = 150_000;
const START = { skylark: startSkylarkBroker, apache: startApacheBroker } as const;

interface Taken {
  readonly body: string;
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
      return { body: message.body.toString(), ext: AckMessage.request.encode(place) };
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

  async ack({ ext }: Taken): Promise<void> {
    const answer = await this.ask({ code: AckMessage.code, ext });
    assert.equal(answer.code, 0, answer.remark ?? '');
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

suite('messages in flight', { skip: skipWithout('java', 'mvn') }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'skylark-flight-'));
  let namesrv: Server;
  let running: Server | undefined;
  before(async () => {
    namesrv = await startSkylarkNamesrv();
  });
  after(async () => {
    await running?.kill();
    await namesrv?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  for (const [first, second] of [
    ['skylark', 'apache'],
    ['apache', 'skylark'],
  ] as const) {
    test(`${first} hands out, ${second} goes on`, async () => {
      const store = `${directory}/${first}`;
      const options: BrokerOptions = { namesrv: namesrv.address, port: await freePort(), store };
      running = await START[first](options);
      let consumer = new Consumer(running.address);
      for (let index = 0; index < MESSAGES; index++) await consumer.send(String(index));
      const taken = await consumer.takeAll(MESSAGES / 2, INVISIBLE_MS);
      const backMs = Date.now() + INVISIBLE_MS;
      const kept = taken.splice(0, taken.length / 2);
      for (const one of taken) await consumer.ack(one);
      await consumer.close();
      await running.stop();

      running = await START[second](options);
      consumer = new Consumer(running.address);
      const rest = await consumer.takeAll(MESSAGES / 2, INVISIBLE_MS);
      const seen = new Set([...kept, ...taken].map((one) => one.body));
      const unseen = rest.filter((one) => !seen.has(one.body));
      assert.equal(unseen.length, MESSAGES / 2, 'all that was never handed out, and nothing else');
      for (const one of rest) await consumer.ack(one);
      const again = await consumer.takeAll(kept.length, INVISIBLE_MS);
      assert.ok(Date.now() >= backMs - 1000, `they came ${backMs - Date.now()} ms early`);
      assert.deepEqual(again.map((one) => one.body).sort(), kept.map((one) => one.body).sort());
      for (const one of again) await consumer.ack(one);
      assert.deepEqual(await consumer.take(32, 1000), []);
      await consumer.close();
      await running.stop();
      running = undefined;
    });
  }
});
