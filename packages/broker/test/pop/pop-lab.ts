/** POP with a real store around it, in virtual time; it can be killed and started again. */
import assert from 'node:assert/strict';
import { createPrng, JsonFile, silentLogger, type VirtualTime } from '@skylarkmq/base';
import {
  decodeRecords,
  type PopHandle,
  type PopTopicKind,
  PropertyName,
  popRealTopic,
  type StoredMessage,
  SystemTopic,
} from '@skylarkmq/message';
import { type SubscriptionGroup, topicConfig } from '@skylarkmq/wire';
import { OrderInfos } from '../../src/pop/order-infos.ts';
import type { PopRequest } from '../../src/pop/pop-request.ts';
import { PopService } from '../../src/pop/pop-service.ts';
import { type BrokerSettings, DEFAULT_SETTINGS } from '../../src/settings.ts';
import {
  type Domains,
  type DomainsOptions,
  IDENTITY,
  messagesOf,
  startDomains,
} from '../domains.ts';
import { killedDisk } from '../killed-disk.ts';

export const TOPIC = 'T';
export const GROUP = 'G';
const READ_WRITE = 6;

/** A message as a consumer has it. */
export interface Taken {
  readonly body: string;
  readonly topic: string;
  readonly queueId: number;
  readonly offset: number;
  readonly reconsumeTimes: number;
  readonly handle: PopHandle;
}

export class PopLab {
  readonly domains: Domains;
  readonly pop: PopService;
  readonly orders: OrderInfos;
  settings: BrokerSettings = DEFAULT_SETTINGS;
  /** Offsets of the timers that were delivered. */
  #fired = new Set<number>();

  private constructor(domains: Domains) {
    this.domains = domains;
    const { time, disk } = domains;
    const ports = { clock: time, scheduler: time, logger: silentLogger };
    const file = (name: string): JsonFile => new JsonFile(disk, `/store/config/${name}.json`);
    const settings = (): BrokerSettings => this.settings;
    const nowMs = (): number => time.nowMs();
    this.orders = new OrderInfos({ file: file('consumerOrderInfo'), ...ports, settings, nowMs });
    this.orders.load();
    const { store, topics, groups, offsets, topicCreator, stats } = domains;
    this.pop = new PopService({
      ...ports,
      ...{ store, topics, groups, offsets, topicCreator, stats, settings, orders: this.orders },
      prng: createPrng(1),
      identity: IDENTITY,
      progressFile: file('popProgress'),
      firedUntilMs: () => 0,
    });
  }

  static async start(queues = 2, options: DomainsOptions = {}): Promise<PopLab> {
    const domains = await startDomains(options);
    if (domains.topics.get(TOPIC) === undefined) {
      await domains.topics.create(topicConfig(TOPIC, queues, READ_WRITE));
    }
    const lab = new PopLab(domains);
    domains.groups.find(GROUP);
    await lab.pop.start();
    return lab;
  }

  get time(): VirtualTime {
    return this.domains.time;
  }

  /** Delivers the timers that are due, as the broker's timer service does. */
  async fireTimers(): Promise<void> {
    const { store } = this.domains;
    const nowMs = this.time.nowMs();
    const deliverMsOf = ({ properties }: StoredMessage): number =>
      Number(properties.get(PropertyName.TimerDeliverMs));
    const due = (await messagesOf(store, SystemTopic.Timer, 0))
      .filter((one) => deliverMsOf(one) <= nowMs && !this.#fired.has(one.queueOffset))
      .sort((one, other) => deliverMsOf(one) - deliverMsOf(other));
    for (const { properties, body, queueOffset } of due) {
      this.#fired.add(queueOffset);
      const topic = properties.get(PropertyName.RealTopic) ?? '';
      const uniqueKey = properties.get(PropertyName.UniqueKey) ?? '';
      if (this.pop.isSettled({ topic, uniqueKey, properties }, body)) continue;
      const queueId = Number(properties.get(PropertyName.RealQueueId));
      assert.equal((await store.put({ topic, queueId, body, properties })).status, 'OK');
    }
  }

  /** As after kill -9: what the process wrote is there, what it only had in memory is not. */
  async killed(): Promise<PopLab> {
    const disk = killedDisk(this.domains.disk);
    const { time } = this.domains;
    await this.stop();
    const next = await PopLab.start(0, { disk, time });
    next.#fired = this.#fired;
    return next;
  }

  async restarted(): Promise<PopLab> {
    const { disk, time } = this.domains;
    await this.stop();
    const next = await PopLab.start(0, { disk, time });
    next.#fired = this.#fired;
    return next;
  }

  async stop(): Promise<void> {
    await this.pop.close();
    this.orders.close();
    await this.domains.close();
  }

  changeGroup(changes: Partial<SubscriptionGroup>): void {
    const group = this.domains.groups.find(GROUP);
    assert.ok(group !== undefined);
    this.domains.groups.put({ ...group, ...changes });
  }

  async send(body: string, queueId = 0): Promise<void> {
    const result = await this.domains.store.put({ topic: TOPIC, queueId, body: Buffer.from(body) });
    assert.equal(result.status, 'OK');
  }

  async take(
    count: number,
    invisibleTime: number,
    more: Partial<PopRequest> = {},
  ): Promise<Taken[]> {
    const request: PopRequest = {
      ...{ group: GROUP, topic: TOPIC, queueId: -1, maxCount: count, invisibleTime },
      ...{ initMode: 0, isOrder: false, attemptId: '', filter: null, ...more },
    };
    const topic = this.domains.topics.get(TOPIC);
    assert.ok(topic !== undefined);
    const popped = await this.pop.popper.pop(request, topic);
    const kinds = popped.messageOffsets.flatMap((one, index) =>
      one.offsets.map(() => ({ ...one, start: popped.startOffsets[index]?.startOffset ?? -1 })),
    );
    const messages = decodeRecords(Buffer.concat(popped.records));
    assert.equal(messages.length, kinds.length);
    return messages.map((message, index) => {
      const place = kinds[index];
      assert.ok(place !== undefined);
      const kind: PopTopicKind = place.kind;
      const { queueOffset, queueId, reconsumeTimes } = message;
      const handle: PopHandle = {
        ...{ startOffset: place.start, popTime: popped.popTime, invisibleTime, topicKind: kind },
        ...{ reviveQueueId: popped.reviveQueueId, brokerName: IDENTITY.brokerName },
        ...{ queueId, queueOffset },
      };
      assert.equal(message.topic, TOPIC);
      const topicName = popRealTopic(kind, GROUP, TOPIC);
      const body = message.body.toString();
      return { body, topic: topicName, queueId, offset: queueOffset, reconsumeTimes, handle };
    });
  }

  ack(taken: Taken): Promise<void> {
    const { topic, queueId, offset, handle } = taken;
    return this.pop.acker.acknowledge({ group: GROUP, topic, queueId, offset, handle });
  }

  /** The message with its new receipt; null when it is not in flight. */
  async change(taken: Taken, invisibleTime: number, suspend = false): Promise<Taken | null> {
    const { topic, queueId, offset, handle } = taken;
    const target = { group: GROUP, topic, queueId, offset, handle };
    const changed = await this.pop.acker.change(target, invisibleTime, suspend);
    if (changed === null) return null;
    const isOrder =
      changed.reviveQueueId === handle.reviveQueueId && changed.popTime === handle.popTime;
    const startOffset = isOrder ? handle.startOffset : offset;
    const { popTime, reviveQueueId } = changed;
    return { ...taken, handle: { ...handle, startOffset, popTime, reviveQueueId, invisibleTime } };
  }
}

export function bodiesOf(taken: readonly Taken[]): string[] {
  return taken.map((one) => one.body);
}
