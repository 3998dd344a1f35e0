/**
 * The queue of outcomes (RMQ_SYS_TRANS_OP_HALF_TOPIC): each message names half messages that need
 * nothing more, by their offsets in the half queue. What ends in one turn of the event loop goes
 * into one message, right behind the commits of that turn. See docs/formats/transaction-queues.md.
 */
import type { Clock, Logger, Scheduler } from '@skylarkmq/base';
import { encodeProperties, PropertyName, SystemTopic } from '@skylarkmq/message';
import { AppendRequest, type MessageStore, PutStatus, type QueueHandle } from '@skylarkmq/store';

/** RocketMQ: TransactionalMessageUtil#REMOVE_TAG, #OFFSET_SEPARATOR */
export const REMOVE_TAG = 'd';
const SEPARATOR = ',';
const RETRY_MS = 100;
/** Beyond this, neighbours are looked at as one. */
const MARKS_MAX = 10_000;

const PROPERTIES: Buffer = encodeProperties([
  [PropertyName.Wait, 'true'],
  [PropertyName.Tags, REMOVE_TAG],
]);

export interface OperationLogDeps {
  readonly store: Pick<MessageStore, 'append' | 'queue' | 'statusReason'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly storeHost: Buffer;
  settings(): { readonly transactionOpMsgMaxSize: number };
}

/** From this offset of the queue on, messages name halves up to `halfMax`. */
interface Mark {
  readonly offset: number;
  halfMax: number;
}

export class OperationLog {
  readonly #deps: OperationLogDeps;
  readonly #queue: QueueHandle;
  readonly #request = new AppendRequest();
  #waiting: number[] = [];
  #isScheduled = false;
  #marks: Mark[] = [];
  #listeners: (() => void)[] = [];

  constructor(deps: OperationLogDeps) {
    this.#deps = deps;
    this.#queue = deps.store.queue(SystemTopic.TransactionOperation, 0);
    const request = this.#request;
    request.queue = this.#queue;
    request.bornHost = deps.storeHost;
    request.properties = PROPERTIES;
    request.propertiesEnd = PROPERTIES.length;
    request.scan.scan(PROPERTIES, 0, PROPERTIES.length);
  }

  /** Half messages that have ended, by the offsets of all their copies. */
  ended(offsets: readonly number[]): void {
    for (const offset of offsets) this.#waiting.push(offset);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#deps.scheduler.immediate(() => this.flush());
  }

  /** Resolves when all that ended so far is stored. */
  stored(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) resolve();
      else this.#listeners.push(resolve);
    });
  }

  /** Writes what waits. */
  flush(): void {
    this.#isScheduled = false;
    while (this.#waiting.length > 0) {
      const { body, count, halfMax } = this.#nextBody();
      const isLast = count === this.#waiting.length;
      if (!this.#append(body, halfMax, isLast)) return;
      this.#waiting = isLast ? [] : this.#waiting.slice(count);
    }
  }

  /** A message of the queue that was there before. */
  note(offset: number, halfMax: number): void {
    this.#marks.push({ offset, halfMax });
    if (this.#marks.length > MARKS_MAX) this.#marks = merged(this.#marks);
  }

  /** The smallest offset of the queue that is needed while halves from `halfFloor` on are. */
  floor(halfFloor: number): number {
    let passed = 0;
    for (const { halfMax } of this.#marks) {
      if (halfMax >= halfFloor) break;
      passed += 1;
    }
    if (passed > 0) this.#marks = this.#marks.slice(passed);
    return this.#marks[0]?.offset ?? this.#queue.nextOffset;
  }

  #nextBody(): { body: Buffer; count: number; halfMax: number } {
    const bytesMax = this.#deps.settings().transactionOpMsgMaxSize;
    let text = '';
    let count = 0;
    let halfMax = 0;
    for (const offset of this.#waiting) {
      text += offset + SEPARATOR;
      count += 1;
      halfMax = Math.max(halfMax, offset);
      if (text.length >= bytesMax) break;
    }
    return { body: Buffer.from(text, 'latin1'), count, halfMax };
  }

  #append(body: Buffer, halfMax: number, isLast: boolean): boolean {
    const { store, clock, scheduler, logger } = this.#deps;
    const request = this.#request;
    request.body = body;
    request.bodyEnd = body.length;
    request.bornTimestamp = clock.nowMs();
    const listeners = isLast ? this.#listeners : [];
    request.waitForDurable = listeners.length > 0;
    request.completion = {
      completed: () => {
        for (const listener of listeners) listener();
      },
    };
    const status = store.append(request);
    request.completion = null;
    if (status === PutStatus.Ok) {
      if (isLast) this.#listeners = [];
      this.note(request.queueOffset, halfMax);
      return true;
    }
    const reason = store.statusReason;
    logger.warn({ status, reason }, 'Outcomes of transactions are not stored; tried again');
    this.#isScheduled = true;
    scheduler.after(RETRY_MS, () => this.flush());
    return false;
  }
}

/** The offsets that the body of an operation message names. */
export function offsetsIn(body: string): number[] {
  const offsets: number[] = [];
  for (const part of body.split(SEPARATOR)) {
    const offset = part === '' ? Number.NaN : Number(part);
    if (Number.isSafeInteger(offset) && offset >= 0) offsets.push(offset);
  }
  return offsets;
}

function merged(marks: readonly Mark[]): Mark[] {
  const fewer: Mark[] = [];
  for (let index = 0; index < marks.length; index += 2) {
    const first = marks[index];
    if (first === undefined) continue;
    const halfMax = Math.max(first.halfMax, marks[index + 1]?.halfMax ?? 0);
    fewer.push({ offset: first.offset, halfMax });
  }
  return fewer;
}
