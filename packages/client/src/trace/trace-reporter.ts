/**
 * Collects trace records and sends them, some at a time, as messages of the trace topic. Whoever
 * traces is never held up: records wait in a bounded queue, and what does not fit is dropped and
 * counted.
 */
import { type Clock, type Logger, MqError, type Scheduler, type Timer } from '@skylarkmq/base';
import type { OutgoingMessage } from '../producer/outgoing-message.ts';
import { encodeTrace } from './trace-codec.ts';
import type { ResolvedTraceOptions } from './trace-options.ts';
import type { TraceRecord } from './trace-record.ts';

/** Who sends the trace messages: a producer of its own. */
export interface TraceSender {
  send(message: OutgoingMessage): Promise<unknown>;
  close(): Promise<void>;
}

/** What the reporter works with. */
export interface TraceReporterDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly options: ResolvedTraceOptions;
  readonly sender: TraceSender;
}

// RocketMQ: AsyncTraceDispatcher (queue of 2048, flush after 5 s, 128,000 characters a message)
const QUEUE_MAX = 2_048;
const FLUSH_MS = 5_000;
const BODY_UNITS_MAX = 128_000;
/** Ids and keys of one trace message; all properties of a message take 32,767 bytes at most. */
const KEYS_UNITS_MAX = 8_000;
/** Trace messages that are on their way at a time. */
const SENDS_MAX = 4;
/** How often the log says that traces are lost, milliseconds. */
const COMPLAINT_MS = 60_000;

/** See the head of this file. */
export class TraceReporter {
  readonly topic: string;
  readonly #deps: TraceReporterDeps;
  #queue: TraceRecord[] = [];
  #timer: Timer | undefined;
  #sends = 0;
  #lost = 0;
  #complainedAtMs = Number.NEGATIVE_INFINITY;
  #idle: (() => void)[] = [];
  #closing: Promise<void> | undefined;

  constructor(deps: TraceReporterDeps) {
    this.#deps = deps;
    this.topic = deps.options.topic;
  }

  /** Takes a record; it is sent soon, or lost if too many wait. */
  record(record: TraceRecord): void {
    if (this.#queue.length >= QUEUE_MAX || this.#closing !== undefined) {
      this.#complain(1, undefined);
      return;
    }
    this.#queue.push(record);
    if (this.#queue.length >= this.#deps.options.batchSize) this.#pump(false);
    else this.#timer ??= this.#deps.scheduler.after(FLUSH_MS, () => this.#pump(true));
  }

  /** Records that got lost since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Sends what waits, then ends. Errors are logged. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#pump(true);
    while (this.#sends > 0 || this.#queue.length > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
      this.#pump(true);
    }
    await this.#deps.sender.close();
  }

  /** Sends full batches, or everything. */
  #pump(everything: boolean): void {
    const { batchSize } = this.#deps.options;
    if (everything) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    const enough = everything ? 1 : batchSize;
    while (this.#queue.length >= enough && this.#sends < SENDS_MAX) {
      this.#sends++;
      void this.#send(this.#queue.splice(0, batchSize));
    }
    // What is left goes out when a send has ended, at the latest with the next flush.
    if (this.#queue.length > 0 && this.#closing === undefined) {
      this.#timer ??= this.#deps.scheduler.after(FLUSH_MS, () => this.#pump(true));
    }
  }

  async #send(records: readonly TraceRecord[]): Promise<void> {
    for (const message of traceMessages(this.topic, records)) {
      try {
        await this.#deps.sender.send(message.message);
      } catch (thrown) {
        this.#complain(message.records, MqError.from(thrown));
      }
    }
    this.#sends--;
    this.#pump(this.#closing !== undefined);
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #complain(records: number, error: MqError | undefined): void {
    this.#lost += records;
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#complainedAtMs < COMPLAINT_MS) return;
    this.#complainedAtMs = nowMs;
    const reason = error === undefined ? 'too many wait' : 'they could not be sent';
    const fields = { topic: this.topic, lost: this.#lost, ...(error && { error }) };
    this.#deps.logger.warn(fields, `Traces of messages are lost: ${reason}`);
  }
}

interface TraceMessage {
  readonly message: OutgoingMessage;
  readonly records: number;
}

/** Messages with these records, each not too long, found by the ids and keys in them. */
// RocketMQ: AsyncTraceDispatcher#sendTraceDataByMQ
function traceMessages(topic: string, records: readonly TraceRecord[]): readonly TraceMessage[] {
  const messages: TraceMessage[] = [];
  let body = '';
  let count = 0;
  let keys = new Set<string>();
  let keyUnits = 0;
  const finish = (): void => {
    if (count > 0) messages.push({ message: { topic, body, keys: [...keys] }, records: count });
    body = '';
    count = 0;
    keys = new Set();
    keyUnits = 0;
  };
  for (const record of records) {
    const text = encodeTrace(record);
    const own = keysOf(record);
    const ownUnits = own.reduce((sum, key) => sum + key.length + 1, 0);
    const isFull =
      body.length + text.length > BODY_UNITS_MAX || keyUnits + ownUnits > KEYS_UNITS_MAX;
    if (isFull) finish();
    body += text;
    count++;
    keyUnits += ownUnits;
    for (const key of own) keys.add(key);
  }
  finish();
  return messages;
}

function keysOf(record: TraceRecord): readonly string[] {
  const keys = [record.messageId];
  const given = 'keys' in record ? record.keys : undefined;
  for (const key of given?.split(' ') ?? []) if (key !== '') keys.push(key);
  const units = keys.reduce((sum, key) => sum + key.length + 1, 0);
  return units > KEYS_UNITS_MAX ? [record.messageId] : keys;
}
