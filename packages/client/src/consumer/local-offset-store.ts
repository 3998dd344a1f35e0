/**
 * Offsets in a local file, for broadcasting consumers: the form and the place of the Java client,
 * so that one can take over from the other.
 */
import {
  type FileSystem,
  JsonFile,
  jsonNumber,
  jsonObject,
  jsonString,
  type Logger,
  MqError,
  MqErrorCode,
  parseFastjson,
} from '@skylarkmq/base';
import { type MessageQueue, messageQueueKey } from '@skylarkmq/message';
import { type OffsetStore, OffsetTable, type QueueOffset } from './offset-store.ts';

const QUEUES_MAX = 1_000_000;

/** Where the file is and what it takes to write it. */
export interface LocalOffsetStoreOptions {
  readonly fileSystem: FileSystem;
  readonly logger: Logger;
  /** Absolute path of the folder that holds the clients' folders. */
  readonly directory: string;
  readonly clientId: string;
  readonly group: string;
}

/** Offsets kept in `<directory>/<clientId>/<group>/offsets.json`. */
// RocketMQ: LocalFileOffsetStore
export class LocalOffsetStore implements OffsetStore {
  readonly #file: JsonFile;
  readonly #folder: string;
  readonly #fileSystem: FileSystem;
  readonly #table = new OffsetTable();
  /** What the file holds. */
  #persisted = new OffsetTable();
  #dirty = false;

  constructor(options: LocalOffsetStoreOptions) {
    const { directory, clientId, group } = options;
    this.#folder = `${directory}/${pathPart(clientId)}/${pathPart(group)}`;
    this.#fileSystem = options.fileSystem;
    this.#file = new JsonFile(options.fileSystem, `${this.#folder}/offsets.json`, options.logger);
  }

  load(): Promise<void> {
    const root = this.#file.load();
    this.#persisted = new OffsetTable();
    if (root === undefined) return Promise.resolve();
    const table = jsonObject(jsonObject(root, 'offsets.json').get('offsetTable'), 'offsetTable');
    if (table.size > QUEUES_MAX) {
      throw new MqError(MqErrorCode.Corrupt, `The offset file has ${table.size} queues`);
    }
    for (const [key, value] of table) {
      this.#persisted.set(parseQueue(key), jsonNumber(value, 'offset'), false);
    }
    return Promise.resolve();
  }

  update(queue: MessageQueue, offset: number, onlyForward: boolean): void {
    if (this.#table.set(queue, offset, onlyForward)) this.#dirty = true;
  }

  known(queue: MessageQueue): number | undefined {
    return this.#table.get(queue);
  }

  stored(queue: MessageQueue): Promise<number | undefined> {
    return Promise.resolve(this.#persisted.get(queue));
  }

  persist(queues: readonly MessageQueue[]): Promise<void> {
    if (!this.#dirty) return Promise.resolve();
    this.#dirty = false;
    for (const queue of queues) {
      const offset = this.#table.get(queue);
      if (offset !== undefined) this.#persisted.set(queue, offset, false);
    }
    this.#fileSystem.makeDirectory(this.#folder);
    this.#file.save(format(this.#persisted.all()));
    return Promise.resolve();
  }

  remove(queue: MessageQueue): void {
    this.#table.delete(queue);
  }

  offsetsOf(topic: string): readonly QueueOffset[] {
    return this.#table.all().filter(({ queue }) => queue.topic === topic);
  }
}

function parseQueue(text: string): MessageQueue {
  const object = jsonObject(parseFastjson(text), 'queue');
  return {
    topic: jsonString(object.get('topic'), 'topic'),
    brokerName: jsonString(object.get('brokerName'), 'brokerName'),
    queueId: jsonNumber(object.get('queueId'), 'queueId'),
  };
}

/** The text that fastjson writes for a map whose keys are objects. */
function format(offsets: readonly QueueOffset[]): string {
  const sorted = [...offsets].sort((a, b) =>
    messageQueueKey(a.queue) < messageQueueKey(b.queue) ? -1 : 1,
  );
  const entries = sorted.map(({ queue, offset }) => {
    const topic = JSON.stringify(queue.topic);
    const brokerName = JSON.stringify(queue.brokerName);
    return (
      `\t\t{\n\t\t\t"brokerName":${brokerName},\n\t\t\t"queueId":${queue.queueId},` +
      `\n\t\t\t"topic":${topic}\n\t\t}:${offset}`
    );
  });
  return `{\n\t"offsetTable":{\n${entries.join(',\n')}\n\t}\n}`;
}

/** Refuses names that would leave the folder. */
function pathPart(name: string): string {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    throw new MqError(MqErrorCode.InvalidArgument, `${JSON.stringify(name)} cannot name a folder`);
  }
  return name;
}
