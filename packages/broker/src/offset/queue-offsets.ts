/**
 * Offsets by group, topic and queue, in nested maps so that the hot path builds no keys. It must
 * not know what the offsets mean.
 */
import { type JsonValue, jsonNumber, jsonObjectOr, MqError, MqErrorCode } from '@skylarkmq/base';
import { isLmq } from '@skylarkmq/message';

/** Offsets beyond this are refused: somebody invents groups, topics or queues. */
const ENTRIES_MAX = 4_000_000;

/** Between topic and group in Apache's files; neither name can contain it. */
const SEPARATOR = '@';
const LIGHT_QUEUE_ID = 0;

export class QueueOffsets {
  readonly #groups = new Map<string, Map<string, Map<number, number>>>();
  #size = 0;

  /** Offsets that are kept. */
  get size(): number {
    return this.#size;
  }

  get(group: string, topic: string, queueId: number): number | undefined {
    return this.#groups.get(group)?.get(topic)?.get(queueId);
  }

  /** BUSY at the limit of entries. */
  set(group: string, topic: string, queueId: number, offset: number): void {
    let topics = this.#groups.get(group);
    if (topics === undefined) {
      topics = new Map();
      this.#groups.set(group, topics);
    }
    let queues = topics.get(topic);
    if (queues === undefined) {
      queues = new Map();
      topics.set(topic, queues);
    }
    if (!queues.has(queueId)) {
      if (this.#size >= ENTRIES_MAX) throw full();
      this.#size++;
    }
    queues.set(queueId, offset);
  }

  /** Removes one offset and returns it. */
  take(group: string, topic: string, queueId: number): number | undefined {
    const topics = this.#groups.get(group);
    const queues = topics?.get(topic);
    const offset = queues?.get(queueId);
    if (topics === undefined || queues === undefined || offset === undefined) return undefined;
    queues.delete(queueId);
    this.#size--;
    if (queues.size === 0) topics.delete(topic);
    if (topics.size === 0) this.#groups.delete(group);
    return offset;
  }

  queues(group: string, topic: string): ReadonlyMap<number, number> | undefined {
    return this.#groups.get(group)?.get(topic);
  }

  topicsOf(group: string): string[] {
    return [...(this.#groups.get(group)?.keys() ?? [])];
  }

  groups(): IterableIterator<string> {
    return this.#groups.keys();
  }

  hasTopic(group: string, topic: string): boolean {
    return this.#groups.get(group)?.has(topic) ?? false;
  }

  /** False when there was nothing. */
  remove(group: string, topic: string): boolean {
    const topics = this.#groups.get(group);
    const queues = topics?.get(topic);
    if (topics === undefined || queues === undefined) return false;
    this.#size -= queues.size;
    topics.delete(topic);
    if (topics.size === 0) this.#groups.delete(group);
    return true;
  }

  /** `topic@group` to queue to offset, as in Apache's files; light groups only if `withLight`. */
  table(withLight = true): Map<string, ReadonlyMap<number, number>> {
    const table = new Map<string, ReadonlyMap<number, number>>();
    for (const [group, topics] of this.#groups) {
      if (!withLight && isLmq(group)) continue;
      for (const [topic, queues] of topics) table.set(topic + SEPARATOR + group, queues);
    }
    return table;
  }

  /** `topic@group` to the offset of queue 0: light groups have no other. */
  lightTable(): Map<string, number> {
    const table = new Map<string, number>();
    for (const [group, topics] of this.#groups) {
      if (!isLmq(group)) continue;
      for (const [topic, queues] of topics) {
        const offset = queues.get(LIGHT_QUEUE_ID);
        if (offset !== undefined) table.set(topic + SEPARATOR + group, offset);
      }
    }
    return table;
  }

  /** Takes the table of light groups in. CORRUPT when it is not one. */
  readLight(value: JsonValue | undefined, what: string): void {
    for (const [key, offset] of jsonObjectOr(value, what)) {
      const names = namesIn(key);
      if (names === undefined) continue;
      this.set(names.group, names.topic, LIGHT_QUEUE_ID, jsonNumber(offset, key));
    }
  }

  /** Takes a table of Apache's form in. CORRUPT when it is not one. */
  read(value: JsonValue | undefined, what: string): void {
    for (const [key, queues] of jsonObjectOr(value, what)) {
      const names = namesIn(key);
      if (names === undefined) continue;
      const { topic, group } = names;
      for (const [queueId, offset] of jsonObjectOr(queues, key)) {
        this.set(group, topic, Number(queueId), jsonNumber(offset, `${key} ${queueId}`));
      }
    }
  }
}

/** RocketMQ: ConsumerOffsetManager drops keys of another form, too. */
function namesIn(key: string): { readonly topic: string; readonly group: string } | undefined {
  const at = key.indexOf(SEPARATOR);
  if (at <= 0 || at === key.length - 1) return undefined;
  return { topic: key.slice(0, at), group: key.slice(at + 1) };
}

function full(): MqError {
  const hint = 'delete groups and topics that nobody uses';
  return new MqError(MqErrorCode.Busy, `The broker keeps at most ${ENTRIES_MAX} offsets: ${hint}`);
}
