/**
 * Receives messages when asked: by `poll` or `for await`, from queues that are shared with the
 * group (subscriptions) or chosen by hand (`assign`), from any offset.
 */
import { MqError, MqErrorCode, throwIfAborted } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { abortable, type CallOptions } from '../async/abortable.ts';
import { ConsumerLifetime, type Joined, leaveGroup } from '../consumer/consumer-lifetime.ts';
import type { ConsumerMember } from '../consumer/consumer-member.ts';
import { createOffsetStore } from '../consumer/create-offset-store.ts';
import { InstanceNetwork } from '../consumer/instance-network.ts';
import type { OffsetStore, QueueOffset } from '../consumer/offset-store.ts';
import type { CachedMessage } from '../consumer/process-queue.ts';
import { ReceivedMessage } from '../consumer/received-message.ts';
import { renamed } from '../consumer/subscription.ts';
import { STABLE_INSTANCE_NAME } from '../instance/client-id.ts';
import { leaseInstance } from '../instance/instance-pool.ts';
import { keepAlive } from '../instance/keep-alive.ts';
import { withNamespace, withoutNamespace } from '../instance/namespace.ts';
import type { Telemetry } from '../middleware/telemetry.ts';
import {
  defaultOffsetsDirectory,
  type ResolvedClientOptions,
  resolveClientOptions,
} from '../options/client-options.ts';
import type { ConsumeTracer } from '../trace/consume-tracer.ts';
import { consumeTracerFor } from '../trace/trace-producer.ts';
import { type PollOptions, takeWithin } from './poll.ts';
import {
  type PullConsumerOptions,
  type ResolvedPullOptions,
  resolvePullOptions,
} from './pull-consumer-options.ts';
import { PullEngine } from './pull-engine.ts';

interface Running extends Joined {
  readonly engine: PullEngine;
  readonly offsets: OffsetStore;
  readonly network: InstanceNetwork;
}

/** Bytes per pull as a wish to the broker. */
const PULL_BATCH_BYTES: number = 256 * 1024;
const POLL_MAX = 10_000;

/** See the head of this file. */
export class PullConsumer implements AsyncDisposable {
  readonly group: string;
  readonly #clientOptions: ResolvedClientOptions;
  readonly #options: ResolvedPullOptions;
  readonly #offsetsDirectory: string;
  readonly #tracer: ConsumeTracer | undefined;
  readonly #telemetry: Telemetry | undefined;
  readonly #onAssignment: PullConsumerOptions['onAssignment'];
  readonly #lifetime: ConsumerLifetime<Running>;
  #lastCommitMs = 0;

  constructor(options: PullConsumerOptions) {
    const client = resolveClientOptions(options);
    const broadcasting = options.model === 'broadcasting';
    const instanceName = client.instanceName ?? (broadcasting ? STABLE_INSTANCE_NAME : undefined);
    this.#clientOptions = { ...client, instanceName };
    this.#options = resolvePullOptions(options, client.clock.nowMs());
    this.#offsetsDirectory = options.offsetsDirectory ?? defaultOffsetsDirectory();
    const { onAssignment } = options;
    this.#onAssignment =
      onAssignment &&
      ((topic, queues) => onAssignment(withoutNamespace(client.namespace, topic), queues));
    this.group = options.group;
    this.#telemetry = options.telemetry;
    this.#tracer = consumeTracerFor(
      options,
      this.#clientOptions,
      this.#options.trace,
      Number.POSITIVE_INFINITY,
    );
    this.#lifetime = new ConsumerLifetime(this.group, {
      open: () => this.#open(),
      end: (running) => this.#end(running),
    });
  }

  /**
   * Joins the group. Called by the first use if it was not before. Throws `CONNECT` when no name
   * server answers; it may be called again then.
   */
  async start(options: CallOptions = {}): Promise<void> {
    await abortable(this.#lifetime.start(), options.signal);
  }

  /** The readable queues of a topic, sorted by broker and id. */
  queues(topic: string, options: CallOptions = {}): Promise<readonly MessageQueue[]> {
    return this.#call(options, async ({ lease }) => {
      const route = await lease.instance.routes.find(this.#brokerTopic(topic));
      if (route !== undefined) return route.readable;
      throw unknownTopic(topic);
    });
  }

  /** Takes exactly these queues, beginning where the group left off. Not with subscriptions. */
  async assign(queues: readonly MessageQueue[], options: CallOptions = {}): Promise<void> {
    if (this.#options.subscriptions.length > 0) {
      throw invalid('A consumer with subscriptions is given its queues, it cannot assign them');
    }
    await this.#call(options, async ({ engine, lease }) => {
      for (const topic of new Set(queues.map((queue) => queue.topic))) {
        if ((await lease.instance.routes.find(topic)) === undefined) throw unknownTopic(topic);
      }
      await engine.assign(queues);
    });
  }

  /** The queues that this consumer has now. */
  async assignment(): Promise<readonly MessageQueue[]> {
    return (await this.#lifetime.start()).engine.assignment();
  }

  /**
   * The next messages, all of one queue; an empty list when the time is over, `ABORTED` when
   * `signal` fires. What earlier polls returned counts as done: with `autoCommit` its offsets are
   * committed from time to time, when a queue is given up, and at the end.
   */
  async poll(options: PollOptions = {}): Promise<readonly ReceivedMessage[]> {
    const { engine } = await this.#lifetime.start();
    const { max = this.#options.pullBatchSize, signal } = options;
    const { timeoutMs = this.#options.pollTimeoutMs } = options;
    const { scheduler } = this.#clientOptions;
    if (!Number.isInteger(max) || max < 1 || max > POLL_MAX) {
      throw invalid(`max must be an integer from 1 to ${POLL_MAX}, not ${max}`);
    }
    await this.#maybeCommit(engine);
    const entries = await takeWithin(engine, scheduler, max, timeoutMs, signal);
    if (entries.length === 0) throwIfAborted(signal);
    engine.consumed(entries);
    const messages = entries.map((entry) => this.#wrap(entry));
    if (messages.length > 0) this.#telemetry?.received(this.group, messages);
    return messages;
  }

  /** See {@link messages}. */
  [Symbol.asyncIterator](): AsyncGenerator<ReceivedMessage, void, undefined> {
    return this.messages();
  }

  /**
   * The messages one by one, until the consumer is closed or `signal` fires. A message counts as
   * done when the next one is asked for: the one at which a loop ends early (break, exception)
   * comes again.
   */
  async *messages(options: CallOptions = {}): AsyncGenerator<ReceivedMessage, void, undefined> {
    const { signal } = options;
    const { engine } = await abortable(this.#lifetime.start(), signal);
    for (;;) {
      const [entry] = await engine.take(1, signal);
      if (entry === undefined) return;
      let asked = false;
      try {
        const message = this.#wrap(entry);
        this.#telemetry?.received(this.group, [message]);
        yield message;
        asked = true;
      } finally {
        if (asked) engine.consumed([entry]);
        else engine.abandon(entry);
      }
      await this.#maybeCommit(engine);
    }
  }

  /** Goes on at an offset of an assigned queue; what was cached of it is thrown away. */
  seek(queue: MessageQueue, offset: number, options: CallOptions = {}): Promise<void> {
    return this.#call(options, ({ engine }) => engine.seek(queue, offset));
  }

  /** Goes on at the oldest message that is kept. */
  seekToBeginning(queue: MessageQueue, options: CallOptions = {}): Promise<void> {
    return this.#call(options, async ({ engine, network }) =>
      engine.seek(queue, await network.minOffset(queue)),
    );
  }

  /** Goes on with what arrives from now on. */
  seekToEnd(queue: MessageQueue, options: CallOptions = {}): Promise<void> {
    return this.#call(options, async ({ engine, network }) =>
      engine.seek(queue, await network.maxOffset(queue)),
    );
  }

  /** Next offset that a poll returns from this queue; undefined before the first. */
  async position(queue: MessageQueue): Promise<number | undefined> {
    return (await this.#lifetime.start()).engine.position(queue);
  }

  /** Commits what was polled, or these offsets, and waits for the brokers. */
  commit(offsets?: readonly QueueOffset[], options: CallOptions = {}): Promise<void> {
    return this.#call(options, ({ engine }) => engine.commit(offsets, true));
  }

  /** The group's committed offset in a queue, undefined if there is none. */
  committed(queue: MessageQueue, options: CallOptions = {}): Promise<number | undefined> {
    return this.#call(options, ({ offsets }) => offsets.stored(queue));
  }

  /** For each queue of a topic the offset of the first message stored at or after a time. */
  offsetsForTime(
    topic: string,
    timestampMs: number,
    options: CallOptions = {},
  ): Promise<readonly QueueOffset[]> {
    return this.#call(options, async ({ network }) => {
      const queues = await this.queues(topic);
      return Promise.all(
        queues.map(async (queue) => ({
          queue,
          offset: await network.offsetByTime(queue, timestampMs),
        })),
      );
    });
  }

  /** Stops pulling these queues and returning their messages until {@link resume}. */
  async pause(queues: readonly MessageQueue[]): Promise<void> {
    (await this.#lifetime.start()).engine.pause(queues);
  }

  /** Ends a {@link pause}. */
  async resume(queues: readonly MessageQueue[]): Promise<void> {
    (await this.#lifetime.start()).engine.resume(queues);
  }

  /** Leaves the group; with `autoCommit` what was polled is committed first. */
  close(): Promise<void> {
    return this.#lifetime.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call<T>(options: CallOptions, work: (running: Running) => Promise<T>): Promise<T> {
    throwIfAborted(options.signal);
    return abortable(this.#lifetime.start().then(work), options.signal);
  }

  async #open(): Promise<Running> {
    const { clock, logger, scheduler } = this.#clientOptions;
    const options = this.#options;
    const group = this.#brokerGroup;
    const lease = leaseInstance(this.#clientOptions, 'consumer', group);
    const { instance } = lease;
    const network = new InstanceNetwork(instance, group);
    const offsets = createOffsetStore({
      client: this.#clientOptions,
      network,
      group: group,
      broadcasting: this.#options.model === 'broadcasting',
      directory: this.#offsetsDirectory,
    });
    const engine = new PullEngine({
      clock,
      scheduler,
      logger,
      network,
      offsets,
      group,
      broadcasting: options.model === 'broadcasting',
      allocation: options.allocation,
      consumeFrom: options.consumeFrom,
      subscriptions: options.subscriptions.map((item) =>
        renamed(item, this.#brokerTopic(item.topic)),
      ),
      batchSize: options.pullBatchSize,
      batchBytes: PULL_BATCH_BYTES,
      limits: {
        countMax: options.queueMessagesMax,
        bytesMax: options.queueBytesMax,
        spanMax: options.queueSpanMax,
      },
      messagesMax: options.messagesMax,
      pace: options.pace,
      autoCommit: options.autoCommit,
      ...(this.#onAssignment === undefined ? {} : { onAssignment: this.#onAssignment }),
    });
    const running = { lease, engine, offsets, network, letGo: keepAlive() };
    const topics = engine.subscriptions().map((subscription) => subscription.topic);
    try {
      await offsets.load();
      instance.addConsumer(this.#member(engine, offsets, group));
      await instance.routes.require(topics);
      await network.check(engine.subscriptions());
      await instance.join();
    } catch (thrown) {
      await leaveGroup(running, this.#brokerGroup);
      throw thrown;
    }
    this.#lastCommitMs = clock.monotonicMs();
    if (topics.length > 0) engine.startRebalancing();
    return running;
  }

  async #end(running: Running | undefined): Promise<void> {
    if (running === undefined) return;
    const { engine } = running;
    try {
      if (this.#options.autoCommit) await engine.commit(undefined, true);
    } catch (thrown) {
      const { logger } = this.#clientOptions;
      logger.warn({ error: MqError.from(thrown) }, 'Offsets were not committed at the end');
    }
    try {
      await engine.stop();
    } finally {
      await this.#tracer?.close();
      await leaveGroup(running, this.#brokerGroup);
    }
  }

  async #maybeCommit(engine: PullEngine): Promise<void> {
    if (!this.#options.autoCommit) return;
    const nowMs = this.#clientOptions.clock.monotonicMs();
    if (nowMs - this.#lastCommitMs < this.#options.autoCommitIntervalMs) return;
    this.#lastCommitMs = nowMs;
    await engine.commit(undefined, false);
  }

  #wrap(entry: CachedMessage): ReceivedMessage {
    const { codecs, namespace } = this.#clientOptions;
    const { message, processQueue, reconsumeTimes } = entry;
    const topic = withoutNamespace(namespace, message.topic);
    // A message that was polled counts as handled.
    // RocketMQ: DefaultLitePullConsumerImpl#poll
    this.#tracer?.begin(message, reconsumeTimes)?.end('success');
    return new ReceivedMessage(message, processQueue.queue, reconsumeTimes, topic, codecs);
  }

  get #brokerGroup(): string {
    return withNamespace(this.#clientOptions.namespace, this.group);
  }

  #brokerTopic(topic: string): string {
    return withNamespace(this.#clientOptions.namespace, topic);
  }

  #member(engine: PullEngine, offsets: OffsetStore, group: string): ConsumerMember {
    const { consumeFrom, model } = this.#options;
    return {
      group,
      kind: 'pull',
      broadcasting: model === 'broadcasting',
      consumeFrom,
      subscriptions: () => engine.subscriptions(),
      membersChanged: () => engine.rebalance(),
      routeChanged: () => engine.rebalance(),
      resetOffsets: (topic, wanted) => engine.resetOffsets(topic, wanted),
      offsetsOf: (topic) => offsets.offsetsOf(topic),
      runningInfo: () => engine.runningState(),
      consumeDirectly: () =>
        Promise.resolve({
          result: 'CR_THROW_EXCEPTION',
          remark: 'The consumer polls its messages, it has no handler',
          spentMs: 0,
          ordered: false,
        }),
    };
  }
}

function unknownTopic(topic: string): MqError {
  const text = `No route info of this topic: ${topic}. No name server knows it: create it first`;
  return new MqError(MqErrorCode.NoRoute, text, { retryable: true });
}

function invalid(message: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, message);
}
