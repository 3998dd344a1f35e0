/** How many half messages of each topic are pending: Apache's config/transactionMetrics. */
import type { Clock, JsonFile, JsonInputObject, Logger, Scheduler } from '@skylarkmq/base';
import { type DataVersion, dataVersionJson, NO_VERSION, nextVersion } from '@skylarkmq/wire';
import { TableFile } from '../persistence/table-file.ts';

/** Topics beyond this are not counted. */
const TOPICS_MAX = 200_000;

export interface TransactionMetricsDeps {
  /** Null keeps them in memory only. What it holds is not read: the halves are counted anew. */
  readonly file: JsonFile | null;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  settings(): { readonly transactionMetricFlushInterval: number };
}

interface Metric {
  count: number;
  timeStamp: number;
}

export class TransactionMetrics {
  readonly #deps: TransactionMetricsDeps;
  readonly #file: TableFile;
  readonly #topics = new Map<string, Metric>();
  #version: DataVersion = NO_VERSION;

  constructor(deps: TransactionMetricsDeps) {
    this.#deps = deps;
    this.#file = new TableFile({
      ...deps,
      content: () => this.json(),
      periodMs: () => deps.settings().transactionMetricFlushInterval,
    });
  }

  add(topic: string, change: 1 | -1): void {
    let metric = this.#topics.get(topic);
    if (metric === undefined) {
      if (this.#topics.size >= TOPICS_MAX) return;
      metric = { count: 0, timeStamp: 0 };
      this.#topics.set(topic, metric);
    }
    metric.count += change;
    metric.timeStamp = this.#deps.clock.nowMs();
    this.#file.changed();
  }

  /** Pending halves of a topic. */
  count(topic: string): number {
    return this.#topics.get(topic)?.count ?? 0;
  }

  /** The content of the file. */
  json(): JsonInputObject {
    this.#version = nextVersion(this.#version, this.#deps.clock.nowMs());
    const counts = [...this.#topics].map(([topic, { count, timeStamp }]) => {
      return [topic, { count, timeStamp }] as const;
    });
    return { dataVersion: dataVersionJson(this.#version), transactionCount: new Map(counts) };
  }

  close(): void {
    this.#file.close();
  }
}
