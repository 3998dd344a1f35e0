import type { Logger } from '@skylarkmq/base';
import { MqError } from '@skylarkmq/base';
import { type MessageQueue, messageQueueKey } from '@skylarkmq/message';
import { type OffsetStore, OffsetTable, type QueueOffset } from './offset-store.ts';

/** The two requests that the store makes at the broker of a queue. */
export interface OffsetRequests {
  /** The committed offset, undefined if the group has none for this queue. */
  query(queue: MessageQueue): Promise<number | undefined>;
  /** Commits an offset; `surely` waits for the broker's answer. */
  commit(queue: MessageQueue, offset: number, surely: boolean): Promise<void>;
}

/** Offsets kept at the brokers, for clustering consumers. */
// RocketMQ: RemoteBrokerOffsetStore
export class RemoteOffsetStore implements OffsetStore {
  readonly #requests: OffsetRequests;
  readonly #logger: Logger;
  readonly #table = new OffsetTable();
  /** Queues whose noted offset was not committed yet. */
  readonly #unsaved = new Set<string>();

  constructor(requests: OffsetRequests, logger: Logger) {
    this.#requests = requests;
    this.#logger = logger;
  }

  load(): Promise<void> {
    return Promise.resolve();
  }

  update(queue: MessageQueue, offset: number, onlyForward: boolean): void {
    if (this.#table.set(queue, offset, onlyForward)) this.#unsaved.add(messageQueueKey(queue));
  }

  known(queue: MessageQueue): number | undefined {
    return this.#table.get(queue);
  }

  stored(queue: MessageQueue): Promise<number | undefined> {
    return this.#requests.query(queue);
  }

  async persist(queues: readonly MessageQueue[], surely: boolean): Promise<void> {
    await Promise.all(queues.map((queue) => this.#commit(queue, surely)));
  }

  remove(queue: MessageQueue): void {
    this.#table.delete(queue);
    this.#unsaved.delete(messageQueueKey(queue));
  }

  offsetsOf(topic: string): readonly QueueOffset[] {
    return this.#table.all().filter(({ queue }) => queue.topic === topic);
  }

  async #commit(queue: MessageQueue, surely: boolean): Promise<void> {
    const key = messageQueueKey(queue);
    const offset = this.#table.get(queue);
    if (offset === undefined || !this.#unsaved.delete(key)) return;
    try {
      await this.#requests.commit(queue, offset, surely);
    } catch (thrown) {
      // The next round tries again; until then the messages would be delivered a second time.
      if (this.#table.get(queue) !== undefined) this.#unsaved.add(key);
      const error = MqError.from(thrown);
      this.#logger.warn({ error, queue, offset }, 'Offset was not committed');
      if (surely) throw error;
    }
  }
}
