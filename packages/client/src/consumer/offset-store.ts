import { type MessageQueue, messageQueueKey } from '@skylarkmq/message';

/**
 * Where a consumer keeps how far it got: at the broker (clustering) or in a local file
 * (broadcasting). Offsets are collected in memory and persisted now and then.
 */
export interface OffsetStore {
  /** Reads what is kept locally; must have finished before anything else is called. */
  load(): Promise<void>;
  /** Notes an offset in memory; with `onlyForward` a smaller one than known is ignored. */
  update(queue: MessageQueue, offset: number, onlyForward: boolean): void;
  /** The offset noted in memory, undefined if there is none. */
  known(queue: MessageQueue): number | undefined;
  /** The offset that is kept outside this process, undefined if there is none. */
  stored(queue: MessageQueue): Promise<number | undefined>;
  /** Keeps the noted offsets of these queues; `surely` waits until that is confirmed. */
  persist(queues: readonly MessageQueue[], surely: boolean): Promise<void>;
  /** Forgets the queue in memory. */
  remove(queue: MessageQueue): void;
  /** What is noted for a topic. */
  offsetsOf(topic: string): readonly QueueOffset[];
}

/** A queue and an offset in it. */
export interface QueueOffset {
  readonly queue: MessageQueue;
  readonly offset: number;
}

/** The part that both stores share: a table of queues and offsets. */
export class OffsetTable {
  readonly #offsets = new Map<string, QueueOffset>();

  get(queue: MessageQueue): number | undefined {
    return this.#offsets.get(messageQueueKey(queue))?.offset;
  }

  /** Sets an offset; true if that changed anything. */
  set(queue: MessageQueue, offset: number, onlyForward: boolean): boolean {
    const key = messageQueueKey(queue);
    const known = this.#offsets.get(key);
    if (
      known !== undefined &&
      (known.offset === offset || (onlyForward && offset < known.offset))
    ) {
      return false;
    }
    this.#offsets.set(key, { queue, offset });
    return true;
  }

  delete(queue: MessageQueue): void {
    this.#offsets.delete(messageQueueKey(queue));
  }

  all(): readonly QueueOffset[] {
    return [...this.#offsets.values()];
  }
}
