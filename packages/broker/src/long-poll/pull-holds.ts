/**
 * Pulls that wait for messages. A message that becomes visible wakes those whose filter lets it
 * through; time wakes the others. Must not know what a pull answers.
 */
import type { Scheduler, Timer } from '@skylarkmq/base';
import type { Connection } from '@skylarkmq/remoting';
import type { MessageStore, QueueHandle } from '@skylarkmq/store';
import type { MessageFilter } from '../filter/message-filter.ts';
import type { BrokerSettings } from '../settings.ts';

/** How often it is checked that no message was overlooked. RocketMQ: PullRequestHoldService#run */
const CHECK_PERIOD_MS = 5000;

/** One that waits. */
export interface HeldPull {
  readonly connection: Pick<Connection, 'closed' | 'onClose'>;
  readonly queue: QueueHandle | null;
  /** Wants messages from here on. */
  readonly offset: number;
  readonly filter: MessageFilter | null;
  /** Called once, unless the connection closes: answer with what there is now. */
  resume(): void;
}

export interface PullHoldsDeps {
  readonly store: Pick<MessageStore, 'mayMatch' | 'onArrival'>;
  readonly scheduler: Scheduler;
  settings(): Pick<BrokerSettings, 'heldPullsMax'>;
}

interface Entry {
  readonly pull: HeldPull;
  readonly queue: QueueHandle;
  readonly timer: Timer;
  readonly forgetConnection: () => void;
}

export class PullHolds {
  readonly #deps: PullHoldsDeps;
  readonly #queues = new Map<QueueHandle, Set<Entry>>();
  readonly #runWoken = (): void => this.#resumeWoken();
  #woken: HeldPull[] = [];
  #count = 0;
  #closed = false;
  #check: Timer | undefined;
  #stopListening: (() => void) | undefined;

  constructor(deps: PullHoldsDeps) {
    this.#deps = deps;
  }

  /** Begins to listen for messages. */
  start(): void {
    const { store, scheduler } = this.#deps;
    this.#stopListening = store.onArrival(
      (queue, maxOffset, tagsCode, _stored, position, bytes) => {
        if (this.#count > 0) this.#arrived(queue, maxOffset, tagsCode, position, bytes);
      },
    );
    this.#check = scheduler.every(CHECK_PERIOD_MS, () => this.#checkAll());
  }

  /** Pulls that wait now. */
  get count(): number {
    return this.#count;
  }

  /** Whether no more are taken for now. */
  get isFull(): boolean {
    return this.#count >= this.#deps.settings().heldPullsMax;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Holds a pull for at most `suspendMs`. Ask `isFull` and `isClosed` before. */
  hold(pull: HeldPull, suspendMs: number): void {
    const { queue } = pull;
    if (queue === null || this.#closed || queue.maxOffset > pull.offset) {
      this.#wakeSoon(pull);
      return;
    }
    const entry: Entry = {
      pull,
      queue,
      timer: this.#deps.scheduler.after(Math.max(0, suspendMs), () => this.#wake(entry)),
      forgetConnection: pull.connection.onClose(() => this.#remove(entry)),
    };
    const waiting = this.#queues.get(queue);
    if (waiting === undefined) this.#queues.set(queue, new Set([entry]));
    else waiting.add(entry);
    this.#count++;
  }

  /** Answers all that wait, as if their time was over, and takes no more. */
  close(): void {
    this.#closed = true;
    this.#stopListening?.();
    this.#check?.cancel();
    for (const waiting of this.#queues.values()) for (const entry of waiting) this.#wake(entry);
  }

  #arrived(
    queue: QueueHandle,
    maxOffset: number,
    tagsCode: number,
    position: number,
    bytes: number,
  ): void {
    const waiting = this.#queues.get(queue);
    if (waiting === undefined) return;
    const { store } = this.#deps;
    for (const entry of waiting) {
      const { offset, filter } = entry.pull;
      if (maxOffset <= offset) continue;
      if (filter !== null) {
        const { byConsumeQueue, byRecord } = filter;
        if (byConsumeQueue !== null && !byConsumeQueue(tagsCode)) continue;
        if (byRecord !== null && !store.mayMatch(position, bytes, byRecord)) continue;
      }
      this.#wake(entry);
    }
  }

  /** Messages that no filter let through move a pull on, too, but not each time one comes. */
  #checkAll(): void {
    for (const [queue, waiting] of this.#queues) {
      for (const entry of waiting) if (queue.maxOffset > entry.pull.offset) this.#wake(entry);
    }
  }

  #wake(entry: Entry): void {
    this.#remove(entry);
    this.#wakeSoon(entry.pull);
  }

  /** After the current callback: then all that came with this message is there, too. */
  #wakeSoon(pull: HeldPull): void {
    if (this.#woken.length === 0) this.#deps.scheduler.nextTick(this.#runWoken);
    this.#woken.push(pull);
  }

  #resumeWoken(): void {
    const woken = this.#woken;
    this.#woken = [];
    for (const pull of woken) if (!pull.connection.closed) pull.resume();
  }

  #remove(entry: Entry): void {
    const waiting = this.#queues.get(entry.queue);
    if (waiting === undefined || !waiting.delete(entry)) return;
    if (waiting.size === 0) this.#queues.delete(entry.queue);
    this.#count--;
    entry.timer.cancel();
    entry.forgetConnection();
  }
}
