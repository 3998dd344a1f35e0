/** The broker's domains with a real store and a real server around them, in virtual time. */

import { afterEach } from 'node:test';
import {
  createPrng,
  type FileSystem,
  JsonFile,
  MemoryFileSystem,
  realClock,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import {
  DEFAULT_DELAY_LEVELS,
  decodeRecords,
  encodeHost,
  parseDelayLevels,
  type StoredMessage,
} from '@skylarkmq/message';
import { RemotingClient, RemotingServer } from '@skylarkmq/remoting';
import { type GetResult, LogStore, type MessageStore } from '@skylarkmq/store';
import type { Command, Outgoing } from '@skylarkmq/wire';
import { ConsumerRegistry } from '../src/consumer-group/consumer-registry.ts';
import { ProducerRegistry } from '../src/consumer-group/producer-registry.ts';
import { QueueLocks } from '../src/consumer-group/queue-locks.ts';
import { DelayOffsets } from '../src/delay/delay-offsets.ts';
import { DelayService } from '../src/delay/delay-service.ts';
import { ConsumerFilters } from '../src/filter/consumer-filters.ts';
import { MessageFilters } from '../src/filter/message-filters.ts';
import type { BrokerIdentity } from '../src/identity.ts';
import { ConsumerOffsets } from '../src/offset/consumer-offsets.ts';
import { registerClientHandlers } from '../src/processors/client.ts';
import { registerConsumerHandlers } from '../src/processors/consumer.ts';
import { registerOffsetHandlers } from '../src/processors/offset.ts';
import { registerReplyHandlers } from '../src/processors/reply.ts';
import { registerSendBackHandlers } from '../src/processors/send-back.ts';
import { type BrokerSettings, DEFAULT_SETTINGS } from '../src/settings.ts';
import { LogicalOffsets } from '../src/static-topic/logical-offsets.ts';
import { StaticTopics } from '../src/static-topic/static-topics.ts';
import { BrokerStats } from '../src/stats/broker-stats.ts';
import { GroupTable } from '../src/subscription/group-table.ts';
import { TopicCreator } from '../src/topic/topic-creator.ts';
import { TopicTable } from '../src/topic/topic-table.ts';
import { noPeers } from './no-peers.ts';

const running = new Set<Domains>();

/** A test that fails half-way must not leave anything open, or its file would never end. */
afterEach(async () => {
  for (const one of running) await one.close();
});

export const IDENTITY: BrokerIdentity = {
  brokerName: 'broker-a',
  brokerClusterName: 'DefaultCluster',
  brokerId: 0,
  address: '127.0.0.1:26911',
  storeHost: encodeHost('127.0.0.1:26911'),
};

export interface Domains {
  readonly time: VirtualTime;
  readonly disk: FileSystem;
  readonly store: LogStore;
  readonly topics: TopicTable;
  readonly topicCreator: TopicCreator;
  readonly groups: GroupTable;
  readonly offsets: ConsumerOffsets;
  readonly consumers: ConsumerRegistry;
  readonly producers: ProducerRegistry;
  readonly consumerFilters: ConsumerFilters;
  readonly locks: QueueLocks;
  readonly stats: BrokerStats;
  readonly delays: DelayService;
  readonly delayOffsets: DelayOffsets;
  readonly server: RemotingServer;
  readonly address: string;
  /** How often topics were announced. */
  announced(): number;
  change(settings: Partial<BrokerSettings>): void;
  /** A client of its own connection, which keeps what it is told. */
  client(): TestClient;
  close(): Promise<void>;
}

export interface DomainsOptions {
  readonly time?: VirtualTime;
  readonly disk?: FileSystem;
  readonly flush?: 'sync' | 'async';
}

/** Starts all, with files under /store/config. */
export async function startDomains(options: DomainsOptions = {}): Promise<Domains> {
  const time = options.time ?? new VirtualTime(realScheduler);
  const disk = options.disk ?? new MemoryFileSystem(() => time.nowMs());
  const ports = { clock: time, scheduler: time, logger: silentLogger };
  const file = (name: string): JsonFile => new JsonFile(disk, `/store/config/${name}.json`);
  let current = DEFAULT_SETTINGS;
  const settings = (): BrokerSettings => current;
  const levelsMs = parseDelayLevels(DEFAULT_DELAY_LEVELS);
  const store = await openStore(disk, time, options.flush ?? 'async');
  const topics = new TopicTable({ file: file('topics'), ...ports });
  const groups = new GroupTable({ file: file('subscriptionGroup'), ...ports, settings });
  const offsets = new ConsumerOffsets({ file: file('consumerOffset'), ...ports, settings });
  const delayOffsets = new DelayOffsets({ file: file('delayOffset'), ...ports });
  for (const table of [topics, groups, offsets, delayOffsets]) table.load();
  let announced = 0;
  const announce = async (): Promise<void> => {
    announced += 1;
  };
  const topicCreator = new TopicCreator({ topics, settings, announce, ...ports });
  const consumerFilters = new ConsumerFilters({
    ...{ file: file('consumerFilter'), ...ports, settings },
  });
  consumerFilters.load();
  const consumers = new ConsumerRegistry({ ...ports, settings, groups });
  consumers.onGroupGone((group) => consumerFilters.unregister(group));
  const messageFilters = new MessageFilters({ ...ports, consumerFilters });
  const producers = new ProducerRegistry({ ...ports, settings });
  const locks = new QueueLocks({ ...ports, file: file('skylarkQueueLocks'), lockMs: () => 60_000 });
  const stats = new BrokerStats({ store, ...ports, clusterName: 'DefaultCluster', settings });
  const delays = new DelayService({ store, offsets: delayOffsets, levelsMs, ...ports });
  delays.start();
  const realPorts = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
  const server = new RemotingServer({ port: 0, ...realPorts });
  const shared = { ...ports, store, topics, topicCreator, groups, consumers, producers };
  const prng = createPrng(1);
  const staticTopics = new StaticTopics({ file: null, ...ports });
  const peers = noPeers();
  const logicalOffsets = new LogicalOffsets({ ...ports, staticTopics, peers, store, offsets });
  const deps = {
    ...shared,
    consumerFilters,
    messageFilters,
    logicalOffsets,
    offsets,
    locks,
    stats,
    identity: IDENTITY,
    settings,
    prng,
  };
  registerClientHandlers(server, deps);
  registerConsumerHandlers(server, deps);
  registerSendBackHandlers(server, deps);
  registerOffsetHandlers(server, deps);
  registerReplyHandlers(server, deps);
  server.onConnectionClose((connection) => {
    consumers.connectionClosed(connection);
    producers.connectionClosed(connection);
  });
  const address = `127.0.0.1:${(await server.listen()).port}`;
  const clients: TestClient[] = [];
  const domains: Domains = {
    ...{ time, disk, store, topics, topicCreator, groups, offsets, consumers, producers, locks },
    ...{ consumerFilters, stats, delays, delayOffsets, server, address },
    announced: () => announced,
    change(changes) {
      current = { ...current, ...changes };
    },
    client() {
      const client = new TestClient(address);
      clients.push(client);
      return client;
    },
    async close() {
      running.delete(domains);
      for (const client of clients) await client.close();
      await server.close();
      consumers.close();
      producers.close();
      await delays.close();
      for (const table of [topics, groups, offsets]) table.close();
      await store.close();
    },
  };
  running.add(domains);
  return domains;
}

export function openStore(
  disk: FileSystem,
  time: VirtualTime,
  flush: 'sync' | 'async',
): Promise<LogStore> {
  return LogStore.open({
    directory: '/store',
    fileSystem: disk,
    clock: time,
    scheduler: time,
    logger: silentLogger,
    prng: createPrng(1),
    storeHost: IDENTITY.storeHost,
    flush,
    commitLogFileBytes: 1024 * 1024,
    consumeQueueFileBytes: 60_000,
    indexSlots: 500,
    indexEntries: 2000,
  });
}

/** A client on a connection of its own. */
export class TestClient {
  /** Requests that came from the broker. */
  readonly told: Command[] = [];
  /** What they are answered with; null for the one-way ones. */
  answer: Outgoing | null = null;
  readonly #address: string;
  readonly #client: RemotingClient;
  #waiting: { count: number; resolve: () => void }[] = [];

  constructor(address: string) {
    this.#address = address;
    this.#client = new RemotingClient({
      clock: realClock,
      scheduler: realScheduler,
      logger: silentLogger,
      onRequest: (command) => {
        this.told.push(command);
        const done = this.#waiting.filter((one) => one.count <= this.told.length);
        this.#waiting = this.#waiting.filter((one) => !done.includes(one));
        for (const { resolve } of done) resolve();
        return this.answer;
      },
    });
  }

  ask(request: Outgoing): Promise<Command> {
    return this.#client.invoke(this.#address, request, { timeoutMs: 60_000 });
  }

  /** Resolves when the broker has sent `count` requests. */
  toldAtLeast(count: number): Promise<void> {
    if (this.told.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** All messages of a queue that consumers may see. */
export async function messagesOf(
  store: MessageStore,
  topic: string,
  queueId: number,
): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = [];
  const queue = store.findQueue(topic, queueId);
  if (queue === undefined) return messages;
  for (let offset = queue.minOffset; offset < queue.maxOffset; ) {
    const found: GetResult = await store.getMessages(queue, offset, 1000, 2 ** 20, null);
    for (const slice of found.slices) messages.push(...decodeRecords(Buffer.from(slice)));
    found.release();
    offset = found.nextBeginOffset;
  }
  return messages;
}
