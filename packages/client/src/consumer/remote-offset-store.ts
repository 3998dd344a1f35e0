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
  /** Queues whose noted offset was not sent to the broker yet. */
  readonly #unsaved = new Set<string>();
  /** Offsets that the broker has confirmed: what was only sent may still be on its way. */
  readonly #confirmed = new Map<string, number>();

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
    const isFirst = (queue: MessageQueue): boolean => !this.#confirmed.has(messageQueueKey(queue));
    const firsts = surely ? queues.filter(isFirst) : [];
    await Promise.all(queues.map((queue) => this.#commit(queue, surely)));
    const lost = await Promise.all(firsts.map((queue) => this.#isLost(queue)));
    // One after the other, so that they cannot meet again.
    for (const [index, queue] of firsts.entries()) {
      const offset = this.#table.get(queue);
      if (lost[index] === true && offset !== undefined) {
        await this.#requests.commit(queue, offset, true);
      }
    }
  }

  remove(queue: MessageQueue): void {
    this.#table.delete(queue);
    this.#unsaved.delete(messageQueueKey(queue));
    this.#confirmed.delete(messageQueueKey(queue));
  }

  offsetsOf(topic: string): readonly QueueOffset[] {
    return this.#table.all().filter(({ queue }) => queue.topic === topic);
  }

  /**
   * Apache's broker makes a table for a group's first offset in a topic. When several come at once,
   * each may make one, and all but the last are lost, although they were confirmed.
   */
  // RocketMQ: ConsumerOffsetManager#commitOffset
  async #isLost(queue: MessageQueue): Promise<boolean> {
    const offset = this.#table.get(queue);
    if (offset === undefined) return false;
    try {
      const stored = await this.#requests.query(queue);
      return stored === undefined || stored < offset;
    } catch (thrown) {
      const error = MqError.from(thrown);
      this.#logger.warn({ error, queue, offset }, 'It is not known whether the offset is kept');
      return false;
    }
  }

  async #commit(queue: MessageQueue, surely: boolean): Promise<void> {
    const key = messageQueueKey(queue);
    const offset = this.#table.get(queue);
    if (offset === undefined) return;
    const isDone = surely ? this.#confirmed.get(key) === offset : !this.#unsaved.has(key);
    this.#unsaved.delete(key);
    if (isDone) return;
    try {
      await this.#requests.commit(queue, offset, surely);
      if (surely && this.#table.get(queue) !== undefined) this.#confirmed.set(key, offset);
    } catch (thrown) {
      // The next round tries again; until then the messages would be delivered a second time.
      if (this.#table.get(queue) !== undefined) this.#unsaved.add(key);
      const error = MqError.from(thrown);
      this.#logger.warn({ error, queue, offset }, 'Offset was not committed');
      if (surely) throw error;
    }
  }
}
