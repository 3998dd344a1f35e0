/** How many messages wait for their time, by topic: Apache's config/timermetrics. */
import {
  type Clock,
  type JsonFile,
  type JsonInputObject,
  jsonNumber,
  jsonObject,
  jsonObjectOr,
} from '@skylarkmq/base';
import {
  type DataVersion,
  dataVersionJson,
  decodeDataVersion,
  NO_VERSION,
  nextVersion,
} from '@skylarkmq/wire';

/** Topics that are counted; what comes with more of them is in no topic's figure. */
const TOPICS_MAX = 200_000;

export interface TimerMetricsDeps {
  readonly file: JsonFile;
  readonly clock: Clock;
}

export class TimerMetrics {
  readonly #deps: TimerMetricsDeps;
  readonly #counts = new Map<string, { count: number; timeStamp: number }>();
  #dataVersion: DataVersion = NO_VERSION;
  #isDirty = false;

  constructor(deps: TimerMetricsDeps) {
    this.#deps = deps;
  }

  /** CORRUPT when the file has not the form of Apache's. */
  load(): void {
    const root = jsonObjectOr(this.#deps.file.load(), 'timermetrics');
    for (const [topic, value] of jsonObjectOr(root.get('timingCount'), 'timingCount')) {
      const entry = jsonObject(value, topic);
      const count = jsonNumber(entry.get('count'), 'count');
      this.#counts.set(topic, {
        count,
        timeStamp: jsonNumber(entry.get('timeStamp'), 'timeStamp'),
      });
    }
    this.#dataVersion = decodeDataVersion(root.get('dataVersion'));
  }

  /** The counts do not fit what is there any more and begin anew. */
  clear(): void {
    this.#isDirty ||= this.#counts.size > 0;
    this.#counts.clear();
  }

  add(topic: string, change: number): void {
    const timeStamp = this.#deps.clock.nowMs();
    const known = this.#counts.get(topic);
    this.#isDirty = true;
    if (known !== undefined) {
      known.count = Math.max(0, known.count + change);
      known.timeStamp = timeStamp;
    } else if (this.#counts.size < TOPICS_MAX) {
      this.#counts.set(topic, { count: Math.max(0, change), timeStamp });
    }
  }

  /** The topic is gone. */
  remove(topic: string): void {
    this.#isDirty = this.#counts.delete(topic) || this.#isDirty;
  }

  /** The content of the file, and the body of GET_TIMER_METRICS. */
  json(): JsonInputObject {
    return { dataVersion: dataVersionJson(this.#dataVersion), timingCount: this.#counts };
  }

  /** Writes changes while other work goes on; rejects with what the disk says. */
  async saveLater(): Promise<void> {
    if (!this.#isDirty) return;
    this.#dataVersion = nextVersion(this.#dataVersion, this.#deps.clock.nowMs());
    this.#isDirty = false;
    try {
      await this.#deps.file.saveLater(this.json());
    } catch (error) {
      this.#isDirty = true;
      throw error;
    }
  }
}
