/**
 * POP requests that wait for messages. One message wakes one request of each group, the oldest
 * whose filter lets it through; time wakes the others. Must not know what a POP answers.
 */
import type { Scheduler, Timer } from '@skylarkmq/base';
import { popRetryTopic } from '@skylarkmq/message';
import type { Connection } from '@skylarkmq/remoting';
import type { MessageStore, QueueHandle } from '@skylarkmq/store';
import type { MessageFilter } from '../filter/message-filter.ts';
import type { BrokerSettings } from '../settings.ts';

/** How often it is checked that nothing was overlooked. */
const CHECK_PERIOD_MS = 1000;

/** One that waits. */
export interface HeldPop {
  readonly connection: Pick<Connection, 'closed' | 'onClose'>;
  readonly group: string;
  readonly topic: string;
  /** Where its messages arrive; default the topic and the group's retry topics of it. */
  readonly arrivesIn?: readonly string[];
  /** -1: any queue. */
  readonly queueId: number;
  readonly filter: MessageFilter | null;
  /** Whether there is something that it has not seen. */
  hasMore(): boolean;
  /** Called once, unless the connection closes: look again, or give up when the time is over. */
  resume(isTimeOver: boolean): void;
}

export interface PopHoldsDeps {
  readonly store: Pick<MessageStore, 'onArrival' | 'mayMatch'>;
  readonly scheduler: Scheduler;
  settings(): Pick<BrokerSettings, 'maxPopPollingSize' | 'popPollingSize'>;
}

interface Entry {
  readonly pop: HeldPop;
  readonly sets: readonly Set<Entry>[];
  readonly timer: Timer;
  readonly forgetConnection: () => void;
}

type Groups = Map<string, Set<Entry>>;

export class PopHolds {
  readonly #deps: PopHoldsDeps;
  /** By the topic that messages arrive in, then by group. */
  readonly #topics = new Map<string, Groups>();
  readonly #entries = new Set<Entry>();
  #closed = false;
  #check: Timer | undefined;
  #stopListening: (() => void) | undefined;

  constructor(deps: PopHoldsDeps) {
    this.#deps = deps;
  }

  /** Begins to listen for messages. */
  start(): void {
    const { store, scheduler } = this.#deps;
    this.#stopListening = store.onArrival((queue, _max, tagsCode, _time, physicalOffset, bytes) => {
      if (this.#entries.size > 0) this.#arrived(queue, tagsCode, physicalOffset, bytes);
    });
    this.#check = scheduler.every(CHECK_PERIOD_MS, () => this.#checkAll());
  }

  /** Requests that wait now. */
  get count(): number {
    return this.#entries.size;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Requests of a group that wait for a topic. */
  waiting(group: string, topic: string): number {
    return this.#topics.get(topic)?.get(group)?.size ?? 0;
  }

  /** Whether no more of this group and topic may wait. */
  // RocketMQ: PopLongPollingService#polling
  isFull(group: string, topic: string): boolean {
    const { maxPopPollingSize, popPollingSize } = this.#deps.settings();
    const isKeyFull = this.waiting(group, topic) >= popPollingSize;
    return isKeyFull || this.#entries.size >= maxPopPollingSize;
  }

  /** Holds a request for at most `suspendMs`. Ask `isFull` and `isClosed` before. */
  hold(pop: HeldPop, suspendMs: number): void {
    const { group } = pop;
    const sets = namesOf(pop).map((name) => this.#setOf(name, group));
    const entry: Entry = {
      ...{ pop, sets },
      timer: this.#deps.scheduler.after(Math.max(0, suspendMs), () => this.#wake(entry, true)),
      forgetConnection: pop.connection.onClose(() => this.#remove(entry)),
    };
    for (const set of sets) set.add(entry);
    this.#entries.add(entry);
    if (pop.hasMore()) this.#wake(entry, false);
  }

  /** Wakes a request for a queue that was blocked until now. */
  wake(group: string, topic: string, queueId: number): void {
    const entries = this.#topics.get(topic)?.get(group);
    this.#wakeFirst(entries, (pop) => pop.queueId < 0 || pop.queueId === queueId);
  }

  /** Answers all that wait, as if their time was over, and takes no more. */
  close(): void {
    this.#closed = true;
    this.#stopListening?.();
    this.#check?.cancel();
    for (const entry of this.#entries) this.#wake(entry, true);
  }

  #arrived(queue: QueueHandle, tagsCode: number, physicalOffset: number, bytes: number): void {
    const groups = this.#topics.get(queue.topic);
    if (groups === undefined) return;
    const { store } = this.#deps;
    for (const entries of groups.values()) {
      this.#wakeFirst(entries, ({ filter, topic, queueId }) => {
        if (topic !== queue.topic) return true;
        if (queueId >= 0 && queueId !== queue.queueId) return false;
        if (filter === null) return true;
        if (filter.byConsumeQueue !== null && !filter.byConsumeQueue(tagsCode)) return false;
        return filter.byRecord === null || store.mayMatch(physicalOffset, bytes, filter.byRecord);
      });
    }
  }

  #wakeFirst(entries: Set<Entry> | undefined, isWanted: (pop: HeldPop) => boolean): void {
    for (const entry of entries ?? []) {
      if (!isWanted(entry.pop)) continue;
      this.#wake(entry, false);
      return;
    }
  }

  #checkAll(): void {
    for (const entry of this.#entries) if (entry.pop.hasMore()) this.#wake(entry, false);
  }

  /** After the current callback: then all that came with this message is there, too. */
  #wake(entry: Entry, isTimeOver: boolean): void {
    this.#remove(entry);
    this.#deps.scheduler.nextTick(() => {
      if (!entry.pop.connection.closed) entry.pop.resume(isTimeOver);
    });
  }

  #setOf(topic: string, group: string): Set<Entry> {
    let groups = this.#topics.get(topic);
    if (groups === undefined) {
      groups = new Map();
      this.#topics.set(topic, groups);
    }
    let entries = groups.get(group);
    if (entries === undefined) {
      entries = new Set();
      groups.set(group, entries);
    }
    return entries;
  }

  #remove(entry: Entry): void {
    if (!this.#entries.delete(entry)) return;
    const { group } = entry.pop;
    for (const [index, name] of namesOf(entry.pop).entries()) {
      const set = entry.sets[index];
      set?.delete(entry);
      if (set === undefined || set.size > 0) continue;
      const groups = this.#topics.get(name);
      groups?.delete(group);
      if (groups?.size === 0) this.#topics.delete(name);
    }
    entry.timer.cancel();
    entry.forgetConnection();
  }
}

function namesOf({ group, topic, arrivesIn = [] }: HeldPop): string[] {
  if (arrivesIn.length > 0) return [topic, ...arrivesIn];
  return [topic, popRetryTopic(group, topic, 1), popRetryTopic(group, topic, 2)];
}
