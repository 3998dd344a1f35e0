import {
  type FileSystem,
  MqError,
  MqErrorCode,
  realScheduler,
  type VirtualTime,
} from '@skylarkmq/base';
import {
  Admin,
  type ClientPorts,
  type CreateTopicOptions,
  type ReceivedMessage,
} from '@skylarkmq/client';
import { dlqTopic } from '@skylarkmq/message';
import type { NameServer } from '@skylarkmq/namesrv';
import type { RecoveryReport } from '@skylarkmq/store';
import type { BrokerProcess } from './broker/broker-process.ts';
import { Consumption } from './expect/consumption.ts';
import type { MessageMatcher } from './expect/matcher.ts';
import { type ExpectOptions, TopicWatch } from './expect/topic-watch.ts';
import type { Faults } from './faults/faults.ts';

/** What a running {@link Skylark} is made of. */
export interface SkylarkParts {
  readonly namesrv: NameServer;
  readonly broker: BrokerProcess;
  readonly brokerName: string;
  readonly faults: Faults;
  readonly seed: number;
  readonly namesrvAddress: string;
  /** Null: in memory. */
  readonly directory: string | null;
  /** What clients of `clientOptions` keep files on. */
  readonly clientDisk: FileSystem;
  /** Undefined: real time. */
  readonly time: VirtualTime | undefined;
}

/** Options for clients in the process of the test; see {@link Skylark.clientOptions}. */
export interface SkylarkClientOptions {
  readonly namesrv: string;
  readonly ports: Partial<ClientPorts>;
  /** With `virtualTime`: consumers need not ask again every few seconds while hours pass. */
  readonly pullHoldMs?: number;
  readonly pullTimeoutMs?: number;
}

const PATIENT_PULLS = { pullHoldMs: 300_000, pullTimeoutMs: 600_000 };

/** A running name server and broker; made by `startSkylark`. */
export class Skylark implements AsyncDisposable {
  /** "host:port" for clients. */
  readonly namesrvAddress: string;
  /** "host:port" of the broker; it stays the same when the broker restarts. */
  readonly brokerAddress: string;
  /** Where messages are kept; null: in memory. */
  readonly directory: string | null;
  /** What goes wrong on purpose. */
  readonly faults: Faults;
  /** What the chance of faults and of the broker comes from: give it to `startSkylark` again. */
  readonly seed: number;
  readonly #parts: SkylarkParts;
  readonly #watch: TopicWatch;
  readonly #consumption: Consumption;
  #closing: Promise<void> | undefined;

  constructor(parts: SkylarkParts) {
    const { broker, brokerName } = parts;
    this.#parts = parts;
    this.namesrvAddress = parts.namesrvAddress;
    this.brokerAddress = broker.broker.address;
    this.directory = parts.directory;
    this.faults = parts.faults;
    this.seed = parts.seed;
    const ready = { scheduler: realScheduler, view: () => broker.ready() };
    const onArrival = (listener: () => void): (() => void) => broker.onArrival(listener);
    this.#watch = new TopicWatch({ ...ready, brokerName, onArrival });
    this.#consumption = new Consumption(ready);
  }

  /** How the store was found at the last start of the broker. */
  get recovery(): RecoveryReport {
    return this.#parts.broker.broker.recovery;
  }

  /** The clock that only `advance` moves. INVALID_ARGUMENT without the option `virtualTime`. */
  get time(): VirtualTime {
    const { time } = this.#parts;
    if (time !== undefined) return time;
    const message = 'Time is real here: start with virtualTime: true to move it';
    throw new MqError(MqErrorCode.InvalidArgument, message);
  }

  /**
   * Options for producers and consumers in the process of the test: where the name server is, and
   * with `virtualTime` the clock and timers of it, so that their timeouts, heartbeats and pauses
   * follow `time.advance()` too. What they would keep in files stays in memory.
   *
   * ```ts
   * new Producer({ ...skylark.clientOptions })
   * ```
   */
  get clientOptions(): SkylarkClientOptions {
    const { time, clientDisk } = this.#parts;
    const namesrv = this.namesrvAddress;
    const fileSystem = clientDisk;
    if (time === undefined) return { namesrv, ports: { fileSystem } };
    return { namesrv, ports: { clock: time, scheduler: time, fileSystem }, ...PATIENT_PULLS };
  }

  /** Makes a topic, by default with 4 queues. Sending makes it too, with the broker's defaults. */
  async createTopic(options: string | CreateTopicOptions): Promise<void> {
    const admin = new Admin({ namesrv: this.namesrvAddress });
    try {
      await admin.createTopic(typeof options === 'string' ? { topic: options } : options);
    } finally {
      await admin.close();
    }
  }

  /** All messages of a topic that consumers can see, in the order in which they were stored. */
  messages(topic: string): Promise<ReceivedMessage[]> {
    return this.#watch.messages(topic);
  }

  /** What a group of consumers gave up; `topic` of each is where it came from. */
  deadLetters(group: string): Promise<ReceivedMessage[]> {
    return this.#watch.messages(dlqTopic(group));
  }

  /**
   * Waits until a message that fits is on a topic, whoever sent it and whether or not anybody
   * consumes it, and returns it. An AssertionError that shows the closest messages when none comes
   * in time (default 5,000 ms). A delayed message is on its topic when its time has come.
   */
  expectMessage(
    topic: string,
    matcher: MessageMatcher = {},
    options: ExpectOptions = {},
  ): Promise<ReceivedMessage> {
    return this.#watch.expectMessage(topic, matcher, options);
  }

  /** Waits (default 100 ms) and throws an AssertionError when a message that fits is on a topic. */
  expectNoMessage(
    topic: string,
    matcher: MessageMatcher = {},
    options: ExpectOptions = {},
  ): Promise<void> {
    return this.#watch.expectNoMessage(topic, matcher, options);
  }

  /** The same as `expectMessage`, in the dead letters of a group. */
  expectDeadLetter(
    group: string,
    matcher: MessageMatcher = {},
    options: ExpectOptions = {},
  ): Promise<ReceivedMessage> {
    return this.#watch.expectMessage(dlqTopic(group), matcher, options);
  }

  /**
   * Waits until a group is through with all messages of a topic: each was acknowledged or went to
   * the dead letters. An AssertionError that says where the group is when it is not in time
   * (default 5,000 ms).
   */
  waitUntilConsumed(
    group: string,
    topic: string,
    options: { readonly within?: number } = {},
  ): Promise<void> {
    return this.#consumption.waitUntilConsumed(group, topic, options.within);
  }

  /**
   * Ends the broker and starts it again on the same port and the same disk, also on the one in
   * memory. With `kill` it ends as a killed process does: nothing is answered or written any more.
   */
  restart(options: { readonly kill?: boolean } = {}): Promise<void> {
    return this.#parts.broker.restart(options.kill ?? false);
  }

  /** Drains, flushes and closes; clients that are still there lose their connections. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { namesrv, broker, faults } = this.#parts;
    faults.clear();
    try {
      await broker.close();
    } finally {
      await namesrv.close();
    }
  }
}
