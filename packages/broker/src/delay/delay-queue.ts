/**
 * One delay level: delivers its queue of SCHEDULE_TOPIC_XXXX in order, each message when its time
 * has come, to the topic and queue that it carries. Sleeps until the head is due, or until there
 * is one.
 */
import type { Clock, Logger, Scheduler, Timer } from '@skylarkmq/base';
import {
  decodeProperties,
  HOST_V4_BYTES,
  HOST_V6_BYTES,
  hasPropertyCrc,
  PROPERTY_CRC_BYTES,
  PropertyName,
  RecordKind,
  RecordView,
  SystemFlag,
  SystemTopic,
} from '@skylarkmq/message';
import {
  type GetResult,
  GetStatus,
  type MessageStore,
  type PutMessage,
  PutStatus,
  type QueueHandle,
} from '@skylarkmq/store';

/** One round of delivery. */
const BATCH_MESSAGES = 256;
const BATCH_BYTES = 1024 * 1024;
/** The wall clock may jump: nobody sleeps longer without looking at it. */
const SLEEP_MS_MAX = 60_000;
/**
 * A deliver time farther away than the delay itself plus this was stamped by a wrong clock, or
 * under other levels: it counts as due. RocketMQ: DeliverDelayedMessageTimerTask, without slack.
 */
const CLOCK_SLACK_MS = 60_000;
/** After what went wrong by itself, and after what needs somebody. */
const BUSY_RETRY_MS = 100;
const ERROR_RETRY_MS = 10_000;

export interface DelayQueueDeps {
  readonly store: MessageStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Told of the next offset to deliver after each round. */
  delivered(level: number, offset: number): void;
}

export class DelayQueue {
  readonly #deps: DelayQueueDeps;
  readonly #level: number;
  /** The longest that a message of this queue may have been told to wait. */
  #delayMs: number;
  readonly #queue: QueueHandle;
  readonly #view = new RecordView();
  #offset: number;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(level: number, delayMs: number, offset: number, deps: DelayQueueDeps) {
    this.#deps = deps;
    this.#level = level;
    this.#delayMs = delayMs;
    this.#offset = offset;
    this.#queue = deps.store.queue(SystemTopic.Schedule, level - 1);
  }

  /** The level's delay is another one now; those that wait keep their time. */
  follow(delayMs: number): void {
    this.#delayMs = Math.max(this.#delayMs, delayMs);
  }

  /** Messages that wait for their time, or for their turn. */
  get behind(): number {
    return Math.max(0, this.#queue.maxOffset - this.#offset);
  }

  /** Something may be there; does nothing while the head's own timer runs. */
  wake(): void {
    if (this.#isStopped || this.#running !== undefined || this.#timer !== undefined) return;
    this.#run();
  }

  /** Ends after the round in progress. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#running;
  }

  #run(): void {
    this.#running = this.#deliver().then((sleepMs) => {
      this.#running = undefined;
      if (this.#isStopped) return;
      // What arrived while the last round ended woke nobody.
      if (sleepMs !== undefined) this.#sleep(sleepMs);
      else if (this.behind > 0) this.#run();
    });
  }

  #sleep(ms: number): void {
    const delayMs = Math.max(1, Math.min(ms, SLEEP_MS_MAX));
    this.#timer = this.#deps.scheduler.after(delayMs, () => {
      this.#timer = undefined;
      this.#run();
    });
  }

  /** Delivers what is due; milliseconds until there is more to do, undefined for an empty queue. */
  async #deliver(): Promise<number | undefined> {
    try {
      while (!this.#isStopped && this.behind > 0) {
        const sleepMs = await this.#round();
        if (sleepMs > 0) return sleepMs;
      }
      return undefined;
    } catch (error) {
      const fields = { level: this.#level, offset: this.#offset, error };
      this.#deps.logger.error(fields, 'Delayed messages cannot be delivered; tried again in 10 s');
      return ERROR_RETRY_MS;
    }
  }

  /** One batch; 0 when the next can follow at once. */
  async #round(): Promise<number> {
    const nowMs = this.#deps.clock.nowMs();
    let headMs = -1;
    // The consume queue of this topic has the deliver time in the place of the tags code.
    const isDue = (deliverMs: number): boolean => {
      if (headMs >= 0) return false;
      if (deliverMs <= nowMs || deliverMs > nowMs + this.#delayMs + CLOCK_SLACK_MS) return true;
      headMs = deliverMs;
      return false;
    };
    const found = await this.#deps.store.getMessages(
      this.#queue,
      this.#offset,
      BATCH_MESSAGES,
      BATCH_BYTES,
      isDue,
    );
    const before = this.#offset;
    const status = await this.#put(found);
    if (status !== PutStatus.Ok)
      return status === PutStatus.SystemBusy ? BUSY_RETRY_MS : ERROR_RETRY_MS;
    if (headMs >= 0) return Math.max(1, headMs - this.#deps.clock.nowMs());
    this.#advance(nextOffset(found));
    return this.#offset === before ? BUSY_RETRY_MS : 0;
  }

  /** Stores the messages of a batch; stops at the first that is refused. */
  async #put(found: GetResult): Promise<PutStatus> {
    const puts: { next: number; stored: Promise<PutStatus> }[] = [];
    for (const slice of found.slices) {
      for (let at = 0; at < slice.length; at += this.#view.totalSize) {
        if (this.#view.at(slice, at) !== RecordKind.Record) break;
        const next = this.#view.queueOffset + 1;
        const message = this.#messageOf(this.#view);
        const stored = message === undefined ? undefined : this.#deps.store.put(message);
        puts.push({
          next,
          stored: stored?.then((result) => result.status) ?? Promise.resolve(PutStatus.Ok),
        });
      }
    }
    // The store copied what it needs.
    found.release();
    let failed: PutStatus = PutStatus.Ok;
    for (const { next, stored } of puts) {
      const status = await stored;
      if (failed !== PutStatus.Ok) continue;
      if (isStored(status)) this.#advance(next);
      else failed = status;
    }
    if (failed !== PutStatus.Ok) {
      const reason = this.#deps.store.statusReason;
      const fields = { level: this.#level, offset: this.#offset, status: failed, reason };
      this.#deps.logger.warn(fields, 'A delayed message is not taken; it is tried again');
    }
    return failed;
  }

  #advance(offset: number): void {
    if (offset === this.#offset) return;
    this.#offset = offset;
    this.#deps.delivered(this.#level, offset);
  }

  /** The message as its consumers get it: same properties, its own topic; undefined for none. */
  // RocketMQ: ScheduleMessageService#messageTimeUp
  #messageOf(view: RecordView): PutMessage | undefined {
    const { buffer, propertiesStart, sysFlag } = view;
    const hasCrc = hasPropertyCrc(buffer, propertiesStart, view.propertiesEnd);
    const propertiesEnd = view.propertiesEnd - (hasCrc ? PROPERTY_CRC_BYTES : 0);
    const properties = decodeProperties(buffer, propertiesStart, propertiesEnd);
    const topic = properties.get(PropertyName.RealTopic) ?? '';
    const queueId = Number(properties.get(PropertyName.RealQueueId) ?? '0');
    if (topic === '' || topic === SystemTopic.TransactionHalf || !Number.isInteger(queueId)) {
      const fields = { level: this.#level, queueOffset: view.queueOffset, topic, queueId };
      this.#deps.logger.error(fields, 'A delayed message has nowhere to go and stays where it is');
      return undefined;
    }
    const isV6 = (sysFlag & SystemFlag.BornHostV6) !== 0;
    const bornHostEnd = view.bornHostStart + (isV6 ? HOST_V6_BYTES : HOST_V4_BYTES);
    return {
      topic,
      queueId,
      body: buffer.subarray(view.bodyStart, view.bodyEnd),
      properties: buffer.subarray(propertiesStart, propertiesEnd),
      flag: view.flag,
      sysFlag,
      bornTimestamp: view.bornTimestamp,
      bornHost: buffer.subarray(view.bornHostStart, bornHostEnd),
      reconsumeTimes: view.reconsumeTimes,
    };
  }
}

/** In the log, whether or not the disk confirmed it in time: a second copy would help nobody. */
function isStored(status: PutStatus): boolean {
  return (
    status === PutStatus.Ok ||
    status === PutStatus.FlushDiskTimeout ||
    status === PutStatus.FlushSlaveTimeout ||
    status === PutStatus.SlaveNotAvailable
  );
}

/** Where to go on after a whole batch, or after an offset that the queue does not have. */
function nextOffset(found: GetResult): number {
  return found.status === GetStatus.OffsetOverflowBadly ? found.maxOffset : found.nextBeginOffset;
}
