/**
 * Recurring messages, built on messages for a time: each occurrence is a tick that waits in the
 * broker. Whoever of the processes gets it arms the next one, and then sends the message. What
 * keeps it to one series is in schedule-log.ts.
 */
import { type Clock, MqError, MqErrorCode, realClock, realScheduler } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { Admin } from '../admin/admin.ts';
import { pause } from '../async/pause.ts';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { ClientOptions } from '../options/client-options.ts';
import type { OutgoingMessage } from '../producer/outgoing-message.ts';
import { Producer } from '../producer/producer.ts';
import { PullConsumer } from '../pull/pull-consumer.ts';
import { PushConsumer } from '../push/push-consumer.ts';
import { parseCron } from './cron-expression.ts';
import { nextTime, zoneOffset } from './next-time.ts';
import {
  decodeEntry,
  encodeEntry,
  judgeTick,
  latestTimes,
  type ScheduleEntry,
  type ScheduleTimes,
} from './schedule-log.ts';

/** Options of {@link schedule}. */
export interface ScheduleOptions extends ClientOptions {
  /** The same for all processes of one schedule: letters, digits, `-` and `_`, at most 64. */
  readonly id: string;
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** An IANA name such as Europe/Berlin. Default UTC. */
  readonly timezone?: string;
  /** What to send, or what makes it from the time of the occurrence. */
  readonly message: OutgoingMessage | ((at: Date) => OutgoingMessage);
  /** For tests. Default: the clock of the machine. */
  readonly clock?: Clock;
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;
/** Entries before a tick that are looked at: more than processes that start at one time. */
const ENTRIES_BEFORE_MAX = 128;
const ROUTE_POLL_MS = 100;
const ROUTE_WAIT_MS = 30_000;
const READ_WAIT_MS = 10_000;
const RETRY_MS = 1000;
/** Properties of the messages: which schedule they are of, and for which time. */
const ID_PROPERTY = 'schedule-id';
const TIME_PROPERTY = 'schedule-time';

/**
 * Joins a schedule, or begins it, and resolves when its next occurrence is armed. Every occurrence
 * is sent once however many processes join, and again only after a crash; its key `ID@TIME` tells.
 * INVALID_ARGUMENT for a wrong expression, zone or id. `close` leaves, `cancel` ends it for all.
 */
export async function schedule(options: ScheduleOptions): Promise<Schedule> {
  const joined = new Schedule(options);
  try {
    await joined.start();
    return joined;
  } catch (error) {
    await joined.close();
    throw error;
  }
}

/** A schedule that this process has joined; made by {@link schedule}. */
export class Schedule implements AsyncDisposable {
  readonly id: string;
  readonly #message: ScheduleOptions['message'];
  readonly #client: ClientOptions;
  readonly #clock: Clock;
  readonly #topic: string;
  readonly #producer: Producer;
  readonly #consumer: PushConsumer;
  readonly #reader: PullConsumer;
  readonly #stop = new AbortController();
  #times: ScheduleTimes;
  #queue: MessageQueue | undefined;
  #handle = '';
  #running: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #isCancelled = false;

  /** @internal */
  constructor(options: ScheduleOptions) {
    const { id, cron, timezone = 'UTC', message, clock = realClock, ...client } = options;
    if (!ID.test(id)) throw invalid(`The id ${JSON.stringify(id)} of a schedule has other signs`);
    this.id = id;
    this.#message = message;
    this.#client = client;
    this.#clock = clock;
    this.#times = { cron, timezone, sinceMs: clock.nowMs() };
    if (nextOf(this.#times, clock.nowMs()) === undefined) {
      throw invalid(`The cron expression ${JSON.stringify(cron)} is never due`);
    }
    this.#topic = `schedule-${id}`;
    this.#producer = new Producer({ ...client, group: `schedule-${id}` });
    this.#consumer = new PushConsumer({
      ...client,
      group: `schedule-${id}`,
      subscriptions: this.#topic,
      consumeFrom: 'first',
      ordered: true,
      orderedRetryMs: RETRY_MS,
    });
    this.#reader = new PullConsumer({ ...client, group: `schedule-${id}-log`, autoCommit: false });
  }

  /** @internal */
  async start(): Promise<void> {
    this.#queue = await this.#findQueue();
    await this.#write('start', 0);
    await this.#arm(this.#clock.nowMs());
    const { signal } = this.#stop;
    this.#running = this.#consumer.run((message) => this.#take(message), { signal });
  }

  /** When the message is to be sent next. */
  get next(): Date | undefined {
    const atMs = this.#isCancelled ? undefined : nextOf(this.#times, this.#clock.nowMs());
    return atMs === undefined ? undefined : new Date(atMs);
  }

  /** Whether somebody ended the schedule. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Ends the schedule in all processes; starting it again begins a new one. */
  async cancel(): Promise<void> {
    this.#isCancelled = true;
    await this.#write('cancel', 0);
    try {
      if (this.#handle !== '') await this.#producer.recall(this.#topic, this.#handle);
    } catch (error) {
      // Brokers without recall, or its time has come: it does not count anyway.
      if (MqError.from(error).code !== MqErrorCode.Response) throw error;
    }
    await this.close();
  }

  /** Leaves the schedule; others go on, and the next occurrence waits for who joins next. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all([this.#consumer.close(), this.#reader.close()]);
    await this.#producer.close();
  }

  /** Makes the topic when it is not there; all processes use the first of its queues. */
  async #findQueue(): Promise<MessageQueue> {
    await using admin = new Admin(this.#client);
    await admin.createTopic({ topic: this.#topic, queues: 1 });
    const untilMs = this.#clock.monotonicMs() + ROUTE_WAIT_MS;
    for (;;) {
      try {
        const [queue] = await this.#producer.queues(this.#topic);
        if (queue !== undefined) return queue;
      } catch (error) {
        if (this.#clock.monotonicMs() > untilMs) throw error;
      }
      await pause(realScheduler, ROUTE_POLL_MS, this.#stop.signal);
    }
  }

  async #take(message: ReceivedMessage): Promise<void> {
    if (message.queue.brokerName !== this.#queue?.brokerName || this.#isCancelled) return;
    const entry = decodeEntry(message.text());
    if (entry.kind === 'cancel') {
      this.#isCancelled = entry.writtenMs > this.#times.sinceMs;
      return;
    }
    if (entry.kind === 'start') {
      this.#times = latestTimes(this.#times, entry);
      return;
    }
    const before = await this.#before(message.queueOffset);
    const { counts, times } = judgeTick(entry, before, this.#times);
    this.#times = times;
    if (!counts) return;
    // First the next one: a crash in between brings this one back.
    await this.#arm(Math.max(entry.atMs, this.#clock.nowMs()));
    await this.#send(entry.atMs);
  }

  async #arm(afterMs: number): Promise<void> {
    const atMs = nextOf(this.#times, afterMs);
    if (atMs !== undefined) this.#handle = await this.#write('tick', atMs);
  }

  async #write(kind: string, atMs: number): Promise<string> {
    const entry: ScheduleEntry = { ...this.#times, kind, atMs, writtenMs: this.#clock.nowMs() };
    const message = { topic: this.#topic, body: encodeEntry(entry), keys: keyOf(this.id, atMs) };
    const { recallHandle = '' } = await this.#producer.send(
      kind === 'tick' ? { ...message, deliverAt: atMs } : message,
      this.#queue === undefined ? {} : { queue: this.#queue },
    );
    return recallHandle;
  }

  /** The entries before an offset, oldest first. */
  async #before(offset: number): Promise<ScheduleEntry[]> {
    const queue = this.#queue;
    if (queue === undefined || offset === 0) return [];
    await this.#reader.assign([queue]);
    await this.#reader.seek(queue, Math.max(0, offset - ENTRIES_BEFORE_MAX));
    const entries: ScheduleEntry[] = [];
    const untilMs = this.#clock.monotonicMs() + READ_WAIT_MS;
    while (this.#clock.monotonicMs() < untilMs) {
      const options = { timeoutMs: READ_WAIT_MS, signal: this.#stop.signal };
      for (const message of await this.#reader.poll(options)) {
        if (message.queueOffset >= offset) return entries;
        entries.push(decodeEntry(message.text()));
      }
      if (((await this.#reader.position(queue)) ?? 0) >= offset) return entries;
    }
    throw new MqError(MqErrorCode.Timeout, `The log of the schedule ${this.id} cannot be read`);
  }

  async #send(atMs: number): Promise<void> {
    const message = this.#message;
    const given = typeof message === 'function' ? message(new Date(atMs)) : message;
    const { keys = [], properties = {} } = given;
    const own = [[ID_PROPERTY, this.id] as const, [TIME_PROPERTY, String(atMs)] as const];
    const known: [string, string][] =
      properties instanceof Map ? [...properties] : Object.entries(properties);
    await this.#producer.send({
      ...given,
      keys: [...(typeof keys === 'string' ? [keys] : keys), keyOf(this.id, atMs)],
      properties: new Map([...known, ...own]),
    });
  }
}

function keyOf(id: string, atMs: number): string {
  return `${id}@${new Date(atMs).toISOString()}`;
}

function nextOf({ cron, timezone }: ScheduleTimes, afterMs: number): number | undefined {
  return nextTime(parseCron(cron), afterMs, zoneOffset(timezone));
}

function invalid(message: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, message);
}
