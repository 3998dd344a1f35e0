/**
 * The lite topics that wildcard groups have something to do in. Such a group (`lite.sub.wildcard`)
 * gets the messages of every lite topic of its parent; to look at all of them at each pop would be
 * slow, since there can be very many.
 */
import { liteNamesOf } from '@skylarkmq/message';
import type { MessageStore } from '@skylarkmq/store';

export interface WildcardQueuesDeps {
  readonly store: Pick<MessageStore, 'queues' | 'onArrival'>;
  /** Whether the group is through with the queue's messages: none is open or in flight. */
  isDone(group: string, queue: string, maxOffset: number): boolean;
}

interface Open {
  readonly parentTopic: string;
  readonly queues: Set<string>;
}

/** See the head of this file. */
export class WildcardQueues {
  readonly #deps: WildcardQueuesDeps;
  readonly #byGroup = new Map<string, Open>();
  #stopListening: (() => void) | undefined;

  constructor(deps: WildcardQueuesDeps) {
    this.#deps = deps;
  }

  /** Light queues of the parent topic with messages for the group. */
  of(group: string, parentTopic: string): Iterable<string> {
    const known = this.#byGroup.get(group);
    if (known?.parentTopic === parentTopic) return known.queues;
    this.#stopListening ??= this.#deps.store.onArrival(({ topic }) => this.#arrived(topic));
    const open: Open = { parentTopic, queues: new Set() };
    for (const { topic, maxOffset } of this.#deps.store.queues()) {
      if (liteNamesOf(topic)?.parentTopic !== parentTopic) continue;
      if (!this.#deps.isDone(group, topic, maxOffset)) open.queues.add(topic);
    }
    this.#byGroup.set(group, open);
    return open.queues;
  }

  /** The group looked at the queue: whether it has more to do there. */
  looked(group: string, queue: string, maxOffset: number): void {
    if (this.#deps.isDone(group, queue, maxOffset)) this.#byGroup.get(group)?.queues.delete(queue);
  }

  /** Nobody of the group is there any more. */
  forget(group: string): void {
    this.#byGroup.delete(group);
  }

  /** Forgets a light queue that is gone. */
  removeQueue(queue: string): void {
    for (const { queues } of this.#byGroup.values()) queues.delete(queue);
  }

  close(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#byGroup.clear();
  }

  #arrived(queue: string): void {
    const parentTopic = liteNamesOf(queue)?.parentTopic;
    if (parentTopic === undefined) return;
    for (const open of this.#byGroup.values()) {
      if (open.parentTopic === parentTopic) open.queues.add(queue);
    }
  }
}
