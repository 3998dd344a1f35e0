/**
 * How far consumer groups are in each queue, kept in Apache's config/consumerOffset.json, or, where
 * `enableLmq` is configured, in config/lmqConsumerOffset.json as Apache does then.
 */
import {
  type JsonFile,
  type JsonInputObject,
  jsonObjectOr,
  type Logger,
  type Scheduler,
} from '@skylarkmq/base';
import { dataVersionJson, decodeDataVersion, NO_VERSION } from '@skylarkmq/wire';
import { TableFile } from '../persistence/table-file.ts';
import type { BrokerSettings } from '../settings.ts';
import { QueueOffsets } from './queue-offsets.ts';

const NONE = -1;

export interface ConsumerOffsetsDeps {
  /** Null keeps offsets in memory only. */
  readonly file: JsonFile | null;
  /** Read when `file` is not there: `enableLmq` was configured otherwise before. */
  readonly otherFile?: JsonFile;
  /** Whether light groups have a table of their own in the file. Default false. */
  readonly hasLightTable?: boolean;
  /** `flushConsumerOffsetInterval` is how far the file may be behind. */
  settings(): BrokerSettings;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

export class ConsumerOffsets {
  readonly #deps: ConsumerOffsetsDeps;
  readonly #file: TableFile;
  readonly #committed = new QueueOffsets();
  readonly #pulled = new QueueOffsets();
  /** Set by administrators, taken by the next pull. Not kept over a restart, as in Apache. */
  readonly #resets = new QueueOffsets();
  #dataVersion = NO_VERSION;

  constructor(deps: ConsumerOffsetsDeps) {
    this.#deps = deps;
    this.#file = new TableFile({
      file: deps.file,
      content: () => this.json(),
      periodMs: () => deps.settings().flushConsumerOffsetInterval,
      scheduler: deps.scheduler,
      logger: deps.logger,
    });
  }

  /** Reads the file, if there is one. CORRUPT when it has not the form of Apache's. */
  load(): void {
    const { file, otherFile } = this.#deps;
    const root = jsonObjectOr(file?.load() ?? otherFile?.load(), 'consumerOffset');
    this.#committed.read(root.get('offsetTable'), 'offsetTable');
    this.#committed.readLight(root.get('lmqOffsetTable'), 'lmqOffsetTable');
    this.#pulled.read(root.get('pullOffsetTable'), 'pullOffsetTable');
    this.#dataVersion = decodeDataVersion(root.get('dataVersion'));
  }

  /**
   * Takes back offsets that are beyond the end of their queue: a power cut can take the end of the
   * log but not this file, and messages stored later at those offsets must not be skipped.
   */
  limit(maxOffset: (topic: string, queueId: number) => number): void {
    for (const table of [this.#committed, this.#pulled]) {
      for (const group of [...table.groups()]) {
        for (const topic of table.topicsOf(group)) {
          for (const [queueId, offset] of table.queues(group, topic) ?? []) {
            const max = maxOffset(topic, queueId);
            if (offset <= max) continue;
            table.set(group, topic, queueId, max);
            this.#file.changed();
          }
        }
      }
    }
  }

  /** The committed offset; -1 when there is none. */
  query(group: string, topic: string, queueId: number): number {
    return this.#committed.get(group, topic, queueId) ?? NONE;
  }

  /**
   * Commits an offset, also a smaller one than before. `by` says who, for the log. BUSY when the
   * broker has all the offsets that it may have.
   */
  commit(group: string, topic: string, queueId: number, offset: number, by: string): void {
    const before = this.#committed.get(group, topic, queueId);
    if (before === offset) return;
    this.#committed.set(group, topic, queueId, offset);
    this.#file.changed();
    if (before !== undefined && offset < before) {
      const fields = { group, topic, queueId, offset, before, by };
      this.#deps.logger.debug(fields, 'A committed offset goes back');
    }
  }

  /** Where the group's last pull ended; -1 when there was none. */
  pullOffset(group: string, topic: string, queueId: number): number {
    return this.#pulled.get(group, topic, queueId) ?? NONE;
  }

  notePull(group: string, topic: string, queueId: number, offset: number): void {
    if (this.#pulled.get(group, topic, queueId) === offset) return;
    this.#pulled.set(group, topic, queueId, offset);
    this.#file.changed();
  }

  /** Sets the offset and makes the next pull of the queue begin there. */
  // RocketMQ: ConsumerOffsetManager#assignResetOffset
  reset(group: string, topic: string, queueId: number, offset: number): void {
    this.#committed.set(group, topic, queueId, offset);
    this.#resets.set(group, topic, queueId, offset);
    this.#file.changed();
  }

  /** Whether the group has not pulled since its offset was reset: its commits do not count. */
  isResetPending(group: string, topic: string, queueId: number): boolean {
    return this.#resets.size > 0 && this.#resets.get(group, topic, queueId) !== undefined;
  }

  /** The offset of a reset that no pull has taken yet, which ends it; -1 when there is none. */
  takeReset(group: string, topic: string, queueId: number): number {
    if (this.#resets.size === 0) return NONE;
    return this.#resets.take(group, topic, queueId) ?? NONE;
  }

  /** Topics that the group has offsets of. */
  topicsOf(group: string): string[] {
    return this.#committed.topicsOf(group);
  }

  /** Groups that have offsets of the topic. */
  groupsOf(topic: string): string[] {
    return [...this.#committed.groups()].filter((group) => this.#committed.hasTopic(group, topic));
  }

  /** Queue to committed offset; undefined when there is none. */
  offsetsOf(group: string, topic: string): ReadonlyMap<number, number> | undefined {
    return this.#committed.queues(group, topic);
  }

  /** Gives the group `target` the offsets that `source` has of the topic. */
  clone(source: string, target: string, topic: string): void {
    const offsets = this.#committed.queues(source, topic);
    if (offsets === undefined) return;
    for (const [queueId, offset] of offsets) this.#committed.set(target, topic, queueId, offset);
    this.#file.changed();
  }

  removeGroup(group: string): void {
    for (const table of [this.#committed, this.#pulled, this.#resets]) {
      for (const topic of table.topicsOf(group)) this.#remove(table, group, topic);
    }
  }

  removeTopic(topic: string): void {
    for (const table of [this.#committed, this.#pulled, this.#resets]) {
      for (const group of [...table.groups()]) this.#remove(table, group, topic);
    }
  }

  /** The content of the file, and the body of GET_ALL_CONSUMER_OFFSET. */
  json(): JsonInputObject {
    const groupTopicMap = new Map<string, string[]>();
    for (const group of this.#committed.groups()) groupTopicMap.set(group, this.topicsOf(group));
    const dataVersion = dataVersionJson(this.#dataVersion);
    const pullOffsetTable = this.#pulled.table();
    if (this.#deps.hasLightTable !== true) {
      const offsetTable = this.#committed.table();
      return { dataVersion, groupTopicMap, offsetTable, pullOffsetTable };
    }
    // RocketMQ: LmqConsumerOffsetManager
    const lmqOffsetTable = this.#committed.lightTable();
    const offsetTable = this.#committed.table(false);
    return { dataVersion, groupTopicMap, lmqOffsetTable, offsetTable, pullOffsetTable };
  }

  /** Writes changes while other work goes on; rejects with what the disk says. */
  saveLater(): Promise<void> {
    return this.#file.saveLater();
  }

  close(): void {
    this.#file.close();
  }

  #remove(table: QueueOffsets, group: string, topic: string): void {
    if (table.remove(group, topic)) this.#file.changed();
  }
}
