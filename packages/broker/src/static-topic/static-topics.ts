/** The static topics of this broker, kept in Apache's config/topicQueueMapping.json. */
import {
  type Clock,
  type JsonFile,
  jsonObjectOr,
  type Logger,
  type Scheduler,
} from '@skylarkmq/base';
import {
  type DataVersion,
  dataVersionJson,
  decodeDataVersion,
  decodeStaticTopic,
  NO_VERSION,
  nextVersion,
  type StaticTopic,
  staticTopicJson,
} from '@skylarkmq/wire';
import { TableFile } from '../persistence/table-file.ts';

const SAVE_WITHIN_MS = 1000;

export interface StaticTopicsDeps {
  /** Null keeps them in memory only. */
  readonly file: JsonFile | null;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

/** As many as there are topics: each of them is also in the table of topics. */
export class StaticTopics {
  readonly #deps: StaticTopicsDeps;
  readonly #file: TableFile;
  readonly #topics = new Map<string, StaticTopic>();
  #dataVersion: DataVersion = NO_VERSION;

  constructor(deps: StaticTopicsDeps) {
    this.#deps = deps;
    const { file, scheduler, logger } = deps;
    this.#file = new TableFile({
      ...{ file, scheduler, logger },
      content: () => ({
        dataVersion: dataVersionJson(this.#dataVersion),
        topicQueueMappingInfoMap: new Map(
          [...this.#topics].map(([name, topic]) => [name, staticTopicJson(topic)]),
        ),
      }),
      periodMs: () => SAVE_WITHIN_MS,
    });
  }

  /** Reads the file, if there is one. CORRUPT when it has not the form of Apache's. */
  load(): void {
    const root = jsonObjectOr(this.#deps.file?.load(), 'topicQueueMapping');
    const topics = jsonObjectOr(root.get('topicQueueMappingInfoMap'), 'topicQueueMappingInfoMap');
    for (const [name, topic] of topics) this.#topics.set(name, decodeStaticTopic(topic));
    this.#dataVersion = decodeDataVersion(root.get('dataVersion'));
  }

  /** Null for a topic that is not static, which most are. */
  get(topic: string): StaticTopic | null {
    return this.#topics.size === 0 ? null : (this.#topics.get(topic) ?? null);
  }

  all(): ReadonlyMap<string, StaticTopic> {
    return this.#topics;
  }

  put(topic: StaticTopic): void {
    this.#topics.set(topic.topic, topic);
    this.#changed();
  }

  /** False when there is no such static topic. */
  delete(topic: string): boolean {
    if (!this.#topics.delete(topic)) return false;
    this.#changed();
    return true;
  }

  /** Resolves when all changes up to now are on disk; SYSTEM when the disk refuses. */
  saved(): Promise<void> {
    return this.#file.saved();
  }

  close(): void {
    this.#file.close();
  }

  #changed(): void {
    this.#dataVersion = nextVersion(this.#dataVersion, this.#deps.clock.nowMs());
    this.#file.changed();
  }
}
