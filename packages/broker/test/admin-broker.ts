/** A whole broker in memory and in virtual time, with tools and clients on real connections. */
import type { TestContext } from 'node:test';
import {
  createPrng,
  type JsonValue,
  MemoryFileSystem,
  parseFastjson,
  realClock,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import { encodePropertyText } from '@skylarkmq/message';
import { type Handler, RemotingClient } from '@skylarkmq/remoting';
import { type Command, SendMessage, UpdateAndCreateTopic } from '@skylarkmq/wire';
import { Broker, type BrokerOptions } from '../src/index.ts';

export interface AdminBroker {
  readonly broker: Broker;
  readonly time: VirtualTime;
  readonly fileSystem: MemoryFileSystem;
  readonly address: string;
  /** Asks with text fields and, if given, a JSON body. */
  ask(code: number, ext?: Fields, body?: string | Buffer): Promise<Command>;
  /** A client of its own that answers what the broker asks it. */
  client(answer: Handler): RemotingClient;
  /** Makes a topic of 2 queues. */
  makeTopic(topic: string): Promise<void>;
  /** Sends to queue 0 and returns the offset message id. */
  send(topic: string, body: string, properties?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

export type Fields = Readonly<Record<string, string | number | boolean>>;

const TIMEOUT_MS = 60_000;

/** The test ends it if nobody else does. */
export async function startAdminBroker(
  t: TestContext,
  options: Partial<BrokerOptions> = {},
): Promise<AdminBroker> {
  const time = new VirtualTime(realScheduler);
  const fileSystem = new MemoryFileSystem(() => time.nowMs());
  const ports = { clock: time, scheduler: time, logger: silentLogger };
  const broker = await Broker.start({
    ...ports,
    prng: createPrng(1),
    fileSystem,
    directory: '/store',
    port: 0,
    namesrvAddresses: [],
    commitLogFileBytes: 1024 * 1024,
    consumeQueueFileBytes: 60_000,
    indexSlots: 500,
    indexEntries: 2000,
    ...options,
  });
  const address = `127.0.0.1:${broker.port}`;
  const realPorts = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
  const clients: RemotingClient[] = [];
  const client = (answer: Handler): RemotingClient => {
    // In real time: a tool's patience must not end when the broker's time is advanced.
    const one = new RemotingClient({ ...realPorts, onRequest: answer });
    clients.push(one);
    return one;
  };
  const tool = client(() => ({ code: 1 }));
  const ask = (code: number, ext: Fields = {}, body?: string | Buffer): Promise<Command> => {
    const fields = Object.entries(ext).map(([name, value]) => [name, String(value)] as const);
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : (body ?? null);
    const request = { code, ext: new Map(fields), body: bytes };
    return tool.invoke(address, request, { timeoutMs: TIMEOUT_MS });
  };
  const close = async (): Promise<void> => {
    for (const one of clients.splice(0)) await one.close();
    await broker.close();
  };
  t.after(close);
  return {
    ...{ broker, time, fileSystem, address, ask, client, close },
    async makeTopic(topic) {
      await ask(UpdateAndCreateTopic.code, topicFields(topic));
    },
    async send(topic, body, properties = {}) {
      const answer = await ask(SendMessage.code, sendFields(topic, properties, time), body);
      if (answer.code !== 0) throw new Error(`${answer.code} ${answer.remark}`);
      return SendMessage.response.decode(answer.ext).msgId;
    },
  };
}

/** Fields of a request to make a topic of 2 queues, with changes. */
export function topicFields(topic: string, changes: Fields = {}): Fields {
  return {
    topic,
    defaultTopic: 'TBW102',
    readQueueNums: 2,
    writeQueueNums: 2,
    perm: 6,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    ...changes,
  };
}

/** The JSON body as plain objects; keys that are objects are their text. */
export function jsonBody(answer: Command): unknown {
  return answer.body === null ? undefined : plain(parseFastjson(answer.body.toString('utf8')));
}

function plain(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]));
}

function sendFields(
  topic: string,
  properties: Readonly<Record<string, string>>,
  time: VirtualTime,
): Fields {
  return {
    producerGroup: 'PG',
    topic,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 2,
    queueId: 0,
    sysFlag: 0,
    bornTimestamp: time.nowMs(),
    flag: 0,
    properties: encodePropertyText(new Map(Object.entries(properties))),
    reconsumeTimes: 0,
    unitMode: false,
    batch: false,
  };
}
