/** The topics of this broker, kept in Apache's config/topics.json. */
import type { Clock, JsonFile, Logger, Scheduler } from '@skylarkmq/base';
import { isLmq, Permission } from '@skylarkmq/message';
import {
  type DataVersion,
  decodeTopicTable,
  NO_VERSION,
  nextVersion,
  type TopicConfig,
  topicConfig,
} from '@skylarkmq/wire';
import { TableFile } from '../persistence/table-file.ts';
import { TopicFileText } from './topic-file-text.ts';

/** A change that nobody waits for is on disk after this. */
const SAVE_WITHIN_MS = 1000;
/** Light queues whose settings are kept. */
const LIGHT_QUEUES_KEPT_MAX = 10_000;

/** Hears of a topic that is new or changed; of one that is gone with `undefined`. */
export type TopicListener = (topic: string, config: TopicConfig | undefined) => void;

export interface TopicTableDeps {
  /** Null keeps topics in memory only. */
  readonly file: JsonFile | null;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

export class TopicTable {
  readonly #deps: TopicTableDeps;
  readonly #file: TableFile;
  readonly #topics = new Map<string, TopicConfig>();
  /** Topics that are being made: on their way to the disk, nobody else sees them. */
  readonly #pending = new Map<string, TopicConfig>();
  /** Light queues that were asked for lately. */
  readonly #lightQueues = new Map<string, TopicConfig>();
  readonly #text = new TopicFileText();
  readonly #listeners = new Set<TopicListener>();
  #dataVersion: DataVersion = NO_VERSION;

  constructor(deps: TopicTableDeps) {
    this.#deps = deps;
    this.#file = new TableFile({
      file: deps.file,
      content: () =>
        this.#text.of(this.#dataVersion, this.#topics.values(), this.#pending.values()),
      periodMs: () => SAVE_WITHIN_MS,
      scheduler: deps.scheduler,
      logger: deps.logger,
    });
  }

  /** Reads the file, if there is one. CORRUPT when it has not the form of Apache's. */
  load(): void {
    const table = decodeTopicTable(this.#deps.file?.load());
    for (const [name, config] of table.topics) this.#topics.set(name, config);
    this.#dataVersion = table.dataVersion;
  }

  /** The topic, or what a light queue (LMQ) has instead of one: a queue that is not written. */
  // RocketMQ: LmqTopicConfigManager#selectTopicConfig
  get(topic: string): TopicConfig | undefined {
    return this.#topics.get(topic) ?? this.#light(topic);
  }

  all(): ReadonlyMap<string, TopicConfig> {
    return this.#topics;
  }

  /** Changes with every change of a topic. */
  get dataVersion(): DataVersion {
    return this.#dataVersion;
  }

  /** Makes or replaces a topic; false when it is already exactly so. */
  put(config: TopicConfig): boolean {
    const known = this.#topics.get(config.topicName);
    if (known !== undefined && isSame(known, config)) return false;
    this.#pending.delete(config.topicName);
    this.#topics.set(config.topicName, config);
    if (known === undefined) this.#text.added(config);
    else this.#text.changed();
    this.#changed(config.topicName, config);
    return true;
  }

  /**
   * Makes a topic that nobody sees before it is on disk; topics that are made at once share a
   * write. A topic that exists stays as it is. SYSTEM when the disk refuses: then there is none.
   */
  async create(config: TopicConfig): Promise<void> {
    const { topicName } = config;
    if (this.#topics.has(topicName)) return this.saved();
    this.#pending.set(topicName, config);
    this.#file.changed();
    this.#nextVersion();
    try {
      await this.#file.saved();
    } finally {
      this.#pending.delete(topicName);
    }
    // An administrator who made it meanwhile knows better.
    if (this.#topics.has(topicName)) return;
    this.#topics.set(topicName, config);
    this.#text.added(config);
    this.#tell(topicName, config);
  }

  /** False when there is no such topic. */
  delete(topic: string): boolean {
    if (!this.#topics.delete(topic)) return false;
    this.#text.changed();
    this.#changed(topic, undefined);
    return true;
  }

  /** What else belongs to a topic changed: there is a new version, and listeners hear of it. */
  touch(topic: string): void {
    this.#changed(topic, this.#topics.get(topic));
  }

  /** Makes a new version without a change: something else decides about topics, too. */
  renewVersion(): void {
    this.#nextVersion();
    this.#file.changed();
  }

  /** Registers a listener; returns what removes it. */
  onChange(listener: TopicListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when all changes up to now are on disk, sharing the write. SYSTEM otherwise. */
  saved(): Promise<void> {
    return this.#file.saved();
  }

  /** Writes changes now; throws what the disk says. */
  save(): void {
    this.#file.save();
  }

  close(): void {
    this.#file.close();
  }

  #light(name: string): TopicConfig | undefined {
    if (!isLmq(name)) return undefined;
    const known = this.#lightQueues.get(name);
    if (known !== undefined) return known;
    if (this.#lightQueues.size >= LIGHT_QUEUES_KEPT_MAX) this.#lightQueues.clear();
    const config = topicConfig(name, 1, Permission.Read);
    this.#lightQueues.set(name, config);
    return config;
  }

  #changed(topic: string, config: TopicConfig | undefined): void {
    this.#nextVersion();
    this.#file.changed();
    this.#tell(topic, config);
  }

  #nextVersion(): void {
    this.#dataVersion = nextVersion(this.#dataVersion, this.#deps.clock.nowMs());
  }

  #tell(topic: string, config: TopicConfig | undefined): void {
    for (const listener of this.#listeners) listener(topic, config);
  }
}

function isSame(left: TopicConfig, right: TopicConfig): boolean {
  return (
    left.readQueueNums === right.readQueueNums &&
    left.writeQueueNums === right.writeQueueNums &&
    left.perm === right.perm &&
    left.topicFilterType === right.topicFilterType &&
    left.topicSysFlag === right.topicSysFlag &&
    left.order === right.order &&
    left.attributes.size === right.attributes.size &&
    [...left.attributes].every(([name, value]) => right.attributes.get(name) === value)
  );
}
