/**
 * Receives the messages of a group as they arrive: with `for await`, or with a handler and a number
 * of workers. All members of a group share the messages (clustering) or get all of them each
 * (broadcasting).
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageQueue, StoredMessage } from '@skylarkmq/message';
import { abortable, type CallOptions } from '../async/abortable.ts';
import { ConsumerLifetime, type Joined, leaveGroup } from '../consumer/consumer-lifetime.ts';
import type { ConsumerMember, DirectResult } from '../consumer/consumer-member.ts';
import { type CachedMessage, ProcessQueue } from '../consumer/process-queue.ts';
import { renamed } from '../consumer/subscription.ts';
import { STABLE_INSTANCE_NAME } from '../instance/client-id.ts';
import { leaseInstance } from '../instance/instance-pool.ts';
import { keepAlive } from '../instance/keep-alive.ts';
import { withNamespace, withoutNamespace } from '../instance/namespace.ts';
import { ConsumeLayers, type ConsumeMiddleware } from '../middleware/consume-layers.ts';
import type { Telemetry } from '../middleware/telemetry.ts';
import {
  defaultOffsetsDirectory,
  type ResolvedClientOptions,
  resolveClientOptions,
} from '../options/client-options.ts';
import type { ConsumeTracer, TracedDelivery } from '../trace/consume-tracer.ts';
import { consumeTracerFor } from '../trace/trace-producer.ts';
import { TracedSettlement } from '../trace/traced-settlement.ts';
import type { ConsumeEngine } from './consume-engine.ts';
import { ConsumerMessage } from './consumer-message.ts';
import { type EngineOpener, type OpenedEngine, openEngine } from './open-engine.ts';
import {
  type PushConsumerOptions,
  type ResolvedPushOptions,
  resolvePushOptions,
} from './push-consumer-options.ts';
import type { Settlement } from './settlement.ts';
import { type RunOptions, Workers } from './workers.ts';

/**
 * Handles one message: returning acknowledges it (unless the handler settled it), throwing has it
 * delivered again later. `signal` fires when the consumer was closed and waits no longer.
 */
export type MessageHandler = (message: ConsumerMessage, signal: AbortSignal) => unknown;

/** Handles some messages of one queue: returning acknowledges all that are not settled yet. */
export type BatchHandler = (messages: readonly ConsumerMessage[], signal: AbortSignal) => unknown;

interface Running extends Joined {
  readonly engine: ConsumeEngine;
}

/** See the head of this file. */
export class PushConsumer implements AsyncDisposable {
  readonly group: string;
  readonly #clientOptions: ResolvedClientOptions;
  readonly #options: ResolvedPushOptions;
  readonly #offsetsDirectory: string;
  readonly #tracer: ConsumeTracer | undefined;
  readonly #layers: ConsumeLayers;
  readonly #telemetry: Telemetry | undefined;
  readonly #lifetime: ConsumerLifetime<Running>;
  readonly #openEngine: EngineOpener;
  readonly #workers = new Set<Workers>();
  /** What is out and traced. */
  readonly #traced = new WeakMap<CachedMessage, TracedDelivery>();
  #running: Running | undefined;
  #paused = false;

  /** `opener` is for consumers of other kinds that are made of this one. */
  constructor(options: PushConsumerOptions, opener: EngineOpener = openEngine) {
    this.#openEngine = opener;
    const client = resolveClientOptions(options);
    const broadcasting = options.model === 'broadcasting';
    // The offset file of a broadcasting consumer is found by its client id.
    const instanceName = client.instanceName ?? (broadcasting ? STABLE_INSTANCE_NAME : undefined);
    this.#clientOptions = { ...client, instanceName };
    this.#options = inNamespace(
      resolvePushOptions(options, client.clock.nowMs()),
      client.namespace,
    );
    this.#offsetsDirectory = options.offsetsDirectory ?? defaultOffsetsDirectory();
    this.group = options.group;
    this.#telemetry = options.telemetry;
    this.#layers = new ConsumeLayers(options.group, options.telemetry?.consume);
    this.#tracer = consumeTracerFor(
      options,
      this.#clientOptions,
      this.#options.trace,
      this.#options.consumeTimeoutMs,
    );
    this.#lifetime = new ConsumerLifetime(this.group, {
      open: () => this.#open(),
      end: (running) => this.#end(running),
    });
  }

  /**
   * Joins the group. Called by the first `for await`, `run` or `runBatch` if it was not before.
   * Throws `CONNECT` when no name server answers, `PERMISSION` when no broker lets the group in; it
   * may be called again then.
   */
  async start(options: CallOptions = {}): Promise<void> {
    await abortable(this.#lifetime.start(), options.signal);
  }

  /** The id by which brokers know this member; undefined before the start. */
  get clientId(): string | undefined {
    return this.#running?.lease.instance.clientId;
  }

  /**
   * Puts a middleware around every call of a handler, inside of those that are there. Loops over
   * {@link messages} have no handler: they cannot be used with it.
   */
  use(middleware: ConsumeMiddleware): this {
    this.#layers.use(middleware);
    return this;
  }

  /**
   * Handles every message with up to `concurrency` (default 20) at a time, until `signal` fires or
   * the consumer is closed; resolves when the last handler has ended.
   */
  async run(handler: MessageHandler, options: RunOptions = {}): Promise<void> {
    requireHandler(handler);
    await this.#work(
      (messages, signal) => {
        const [message] = messages;
        return message === undefined ? undefined : handler(message, signal);
      },
      { ...options, batchSize: 1 },
    );
  }

  /** Like {@link run}, with up to `batchSize` messages of a queue at a time. */
  async runBatch(
    handler: BatchHandler,
    options: RunOptions & { readonly batchSize: number },
  ): Promise<void> {
    requireHandler(handler);
    await this.#work(handler, options);
  }

  /** See {@link messages}. */
  [Symbol.asyncIterator](): AsyncGenerator<ConsumerMessage, void, undefined> {
    return this.messages();
  }

  /**
   * The messages one by one; settle each with `ack`, `retry` or `reject`. Ends when the consumer
   * is closed or `signal` fires. Several loops may run side by side and share the messages. A
   * message that is not settled when its loop ends early (break, exception) comes again.
   */
  async *messages(options: CallOptions = {}): AsyncGenerator<ConsumerMessage, void, undefined> {
    if (this.#layers.used) {
      const text = 'Middleware runs around handlers, a loop has none: use run or runBatch';
      throw new MqError(MqErrorCode.InvalidArgument, text);
    }
    const { signal } = options;
    const { engine } = await abortable(this.#lifetime.start(), signal);
    for (;;) {
      const [entry] = await engine.line.take(1, signal);
      if (entry === undefined) return;
      let asked = false;
      try {
        const message = this.#wrap(entry, engine);
        this.#telemetry?.received(this.group, [message]);
        yield message;
        asked = true;
      } finally {
        if (!asked) {
          this.#traced.get(entry)?.end('failed');
          engine.abandon(entry);
        }
      }
    }
  }

  /** The queues that this member has now, sorted by nothing; they change with the group. */
  assignment(): readonly MessageQueue[] {
    return this.#running?.engine.assignment() ?? [];
  }

  /** Stops receiving until {@link resume}; messages that are out are not affected. */
  pause(): void {
    this.#paused = true;
    this.#running?.engine.pause();
  }

  /** Ends a {@link pause}. */
  resume(): void {
    this.#paused = false;
    this.#running?.engine.resume();
  }

  /**
   * Leaves the group: no new messages, waits up to `drainTimeoutMs` for those being handled (then
   * the handlers' signal fires), persists offsets, unregisters. What is not settled by then is
   * delivered again, to another member.
   */
  close(): Promise<void> {
    return this.#lifetime.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<Running> {
    const { group } = this.#options;
    const lease = leaseInstance(this.#clientOptions, 'consumer', group);
    const { instance } = lease;
    const options = this.#options;
    const directory = this.#offsetsDirectory;
    const opened = this.#openEngine(instance, this.#clientOptions, options, directory);
    const { engine } = opened;
    const running = { lease, engine, letGo: keepAlive() };
    try {
      await opened.load();
      instance.addConsumer(this.#member(opened));
      await instance.routes.require(options.subscriptions.map((item) => item.topic));
      await opened.check();
      await instance.join();
    } catch (thrown) {
      await leaveGroup(running, group);
      throw thrown;
    }
    this.#running = running;
    if (this.#paused) engine.pause();
    engine.start();
    return running;
  }

  async #end(running: Running | undefined): Promise<void> {
    if (running === undefined) return;
    for (const workers of this.#workers) workers.stop();
    try {
      await running.engine.stop(() => {
        for (const workers of this.#workers) workers.giveUp();
      });
    } finally {
      await this.#tracer?.close();
      await leaveGroup(running, this.#options.group);
    }
  }

  async #work(
    handler: BatchHandler,
    options: RunOptions & { readonly batchSize: number },
  ): Promise<void> {
    const { engine } = await this.#lifetime.start();
    const workers = new Workers({
      line: engine.line,
      logger: this.#clientOptions.logger,
      statistics: engine.statistics,
      clock: this.#clientOptions.clock,
      wrap: (entry) => this.#wrap(entry, engine),
      handler: this.#layers.around(handler),
      options,
    });
    this.#workers.add(workers);
    try {
      await workers.run();
    } finally {
      this.#workers.delete(workers);
    }
  }

  #wrap(
    entry: CachedMessage,
    engine: ConsumeEngine,
    settlement: Settlement = engine.settlement,
  ): ConsumerMessage {
    const { codecs, namespace } = this.#clientOptions;
    const topic = withoutNamespace(namespace, engine.visibleTopic(entry.message));
    const delivery = this.#tracer?.begin(entry.message, entry.reconsumeTimes);
    if (delivery === undefined) return new ConsumerMessage(entry, topic, codecs, settlement);
    this.#traced.set(entry, delivery);
    return new ConsumerMessage(entry, topic, codecs, new TracedSettlement(settlement, delivery));
  }

  #member(opened: OpenedEngine): ConsumerMember {
    const { engine } = opened;
    const { group, model, consumeFrom } = this.#options;
    const startedAtMs = this.#clientOptions.clock.nowMs();
    return {
      group,
      kind: 'push',
      broadcasting: model === 'broadcasting',
      consumeFrom,
      subscriptions: () => engine.subscriptions(),
      membersChanged: () => engine.rebalance(),
      routeChanged: () => engine.rebalance(),
      announced: async (address) => opened.announced?.(address),
      liteTopicLost: (liteTopic) => opened.liteTopicLost?.(liteTopic),
      resetOffsets: (topic, wanted) => engine.resetOffsets(topic, wanted),
      offsetsOf: (topic) => opened.offsetsOf(topic),
      runningInfo: () => opened.runningInfo(startedAtMs),
      consumeDirectly: (message, brokerName) => this.#direct(message, brokerName),
    };
  }

  /** Runs one message through the handler for a tool; it has no place in a queue. */
  async #direct(message: StoredMessage, brokerName: string): Promise<DirectResult> {
    const { clock } = this.#clientOptions;
    const [workers] = this.#workers;
    const startedMs = clock.monotonicMs();
    const { ordered } = this.#options;
    const processQueue = new ProcessQueue({
      topic: message.topic,
      brokerName,
      queueId: message.queueId,
    });
    processQueue.put([message]);
    const entry = processQueue.take(clock.nowMs());
    const remark = entry === undefined ? 'No message' : await workers?.tryDirectly(entry);
    const spentMs = Math.round(clock.monotonicMs() - startedMs);
    if (workers === undefined) {
      const reason = 'The consumer iterates over its messages, it has no handler';
      return { result: 'CR_THROW_EXCEPTION', remark: reason, spentMs, ordered };
    }
    const result = remark === undefined ? 'CR_SUCCESS' : 'CR_THROW_EXCEPTION';
    return { result, remark, spentMs, ordered };
  }
}

/** Without TypeScript it may be missing: each message would fail, one after the other. */
function requireHandler(handler: unknown): void {
  if (typeof handler === 'function') return;
  const text = `The handler must be a function, not ${typeof handler}`;
  throw new MqError(MqErrorCode.InvalidArgument, text);
}

function inNamespace(
  options: ResolvedPushOptions,
  namespace: string | undefined,
): ResolvedPushOptions {
  if (namespace === undefined) return options;
  const { onAssignment } = options;
  return {
    ...options,
    onAssignment: (topic, queues) => onAssignment?.(withoutNamespace(namespace, topic), queues),
    group: withNamespace(namespace, options.group),
    subscriptions: options.subscriptions.map((item) =>
      renamed(item, withNamespace(namespace, item.topic)),
    ),
  };
}
