/** A whole broker in memory and virtual time, as producers of transactions see it. */
import assert from 'node:assert/strict';
import { afterEach } from 'node:test';
import {
  createPrng,
  type FileSystem,
  MemoryFileSystem,
  realClock,
  realScheduler,
  silentLogger,
  VirtualTime,
} from '@skylarkmq/base';
import {
  decodeOffsetMessageId,
  decodeRecord,
  encodePropertyText,
  RecordKind,
  RecordView,
  type StoredMessage,
} from '@skylarkmq/message';
import { type Handler, RemotingClient } from '@skylarkmq/remoting';
import { type Command, EndTransaction, SendMessage } from '@skylarkmq/wire';
import { Broker, type BrokerOptions } from '../../src/index.ts';
import { heartbeat } from '../heartbeats.ts';

export const COMMIT = 8;
export const ROLLBACK = 12;
export const GROUP = 'PG';
const TIMEOUT_MS = 60_000;
const REAL = { clock: realClock, scheduler: realScheduler, logger: silentLogger };

/** A half that the broker acknowledged. */
export interface Half {
  readonly body: string;
  readonly key: string;
  readonly queueOffset: number;
  readonly physicalOffset: number;
}

const open = new Set<TransactionLab>();

afterEach(async () => {
  for (const lab of open) await lab.close();
});

export class TransactionLab {
  readonly time: VirtualTime;
  readonly disk: FileSystem;
  readonly #broker: Broker;
  readonly #clients: RemotingClient[] = [];
  readonly #tool: RemotingClient;

  private constructor(broker: Broker, time: VirtualTime, disk: FileSystem) {
    this.#broker = broker;
    this.time = time;
    this.disk = disk;
    this.#tool = this.#client(() => ({ code: 1 }));
    open.add(this);
  }

  static async start(
    options: Partial<BrokerOptions> = {},
    time: VirtualTime = new VirtualTime(realScheduler),
  ): Promise<TransactionLab> {
    const fileSystem = options.fileSystem ?? new MemoryFileSystem(() => time.nowMs());
    const broker = await Broker.start({
      ...{ clock: time, scheduler: time, logger: silentLogger, fileSystem },
      prng: createPrng(1),
      directory: '/store',
      port: 0,
      namesrvAddresses: [],
      commitLogFileBytes: 1024 * 1024,
      consumeQueueFileBytes: 60_000,
      indexSlots: 500,
      indexEntries: 2000,
      ...options,
    });
    return new TransactionLab(broker, time, fileSystem);
  }

  ask(
    code: number,
    ext: ReadonlyMap<string, string>,
    body: Buffer | null = null,
  ): Promise<Command> {
    return this.#tool.invoke(this.#address, { code, ext, body }, { timeoutMs: TIMEOUT_MS });
  }

  /** Sends any message. */
  send(body: string, properties: Readonly<Record<string, string>>): Promise<Command> {
    const ext = SendMessage.request.encode({
      producerGroup: GROUP,
      topic: 'T',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 2,
      queueId: 0,
      sysFlag: 4,
      bornTimestamp: this.time.nowMs(),
      flag: 0,
      properties: encodePropertyText(new Map(Object.entries(properties))),
      reconsumeTimes: 0,
      unitMode: false,
      batch: false,
      maxReconsumeTimes: undefined,
      bname: undefined,
    });
    return this.ask(SendMessage.code, ext, Buffer.from(body));
  }

  async half(body: string, more: Readonly<Record<string, string>> = {}): Promise<Half> {
    const key = `KEY-${body}`;
    const properties = { UNIQ_KEY: key, TRAN_MSG: 'true', PGROUP: GROUP, TAGS: 'A', ...more };
    const answer = await this.send(body, properties);
    assert.equal(answer.code, 0, answer.remark ?? '');
    const { msgId, queueOffset, transactionId } = SendMessage.response.decode(answer.ext);
    assert.equal(transactionId, key);
    return { body, key, queueOffset, physicalOffset: decodeOffsetMessageId(msgId).physicalOffset };
  }

  end(half: Half, outcome: number, more: Readonly<Record<string, string>> = {}): Promise<Command> {
    const ext = EndTransaction.request.encode({
      producerGroup: GROUP,
      tranStateTableOffset: half.queueOffset,
      commitLogOffset: half.physicalOffset,
      commitOrRollback: outcome,
      fromTransactionCheck: false,
      msgId: half.key,
      transactionId: half.key,
    });
    return this.ask(EndTransaction.code, new Map([...ext, ...Object.entries(more)]));
  }

  /** A member of the producer group; `answer` gets what it is asked. */
  async producer(answer: Handler, group = GROUP): Promise<RemotingClient> {
    const client = this.#client(answer);
    const name = `client-${this.#clients.length}`;
    const said = heartbeat(name, { producers: [group] });
    await client.invoke(this.#address, said, { timeoutMs: TIMEOUT_MS });
    return client;
  }

  /** Messages of a topic, as they lie in the log. */
  stored(topic: string): StoredMessage[] {
    return storedIn(this.disk).filter((one) => one.topic === topic);
  }

  bodies(topic = 'T'): string[] {
    return this.stored(topic).map((one) => one.body.toString());
  }

  async close(): Promise<void> {
    if (!open.delete(this)) return;
    for (const one of this.#clients) await one.close();
    await this.#broker.close();
  }

  get #address(): string {
    return `127.0.0.1:${this.#broker.port}`;
  }

  #client(answer: Handler): RemotingClient {
    const client = new RemotingClient({ ...REAL, onRequest: answer });
    this.#clients.push(client);
    return client;
  }
}

/** All messages of the log of a stopped or running broker. */
export function storedIn(disk: FileSystem): StoredMessage[] {
  const directory = '/store/commitlog';
  const found: StoredMessage[] = [];
  if (!disk.exists(directory)) return found;
  for (const name of [...disk.list(directory)].sort()) {
    const bytes = Buffer.alloc(disk.stat(`${directory}/${name}`)?.size ?? 0);
    const file = disk.open(`${directory}/${name}`, 'r');
    file.readSync(bytes, 0, bytes.length, 0);
    file.close();
    const view = new RecordView();
    for (let at = 0; view.at(bytes, at) === RecordKind.Record; at += view.totalSize) {
      found.push(decodeRecord(bytes.subarray(at, at + view.totalSize), 0, { verify: false }));
    }
  }
  return found;
}
