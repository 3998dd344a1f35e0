/**
 * Receives messages when asked and holds each for a while: acknowledge it in that time, or the
 * group gets it again. Members of a group need nothing of each other: every one gets messages from
 * all queues, and there may be more members than queues.
 */
import { MqError, MqErrorCode, throwIfAborted } from '@skylarkmq/base';
import { abortable, type CallOptions } from '../async/abortable.ts';
import { Gate } from '../async/gate.ts';
import { pause } from '../async/pause.ts';
import { ConsumerLifetime, type Joined, leaveGroup } from '../consumer/consumer-lifetime.ts';
import { InstanceNetwork } from '../consumer/instance-network.ts';
import { renamed } from '../consumer/subscription.ts';
import { leaseInstance } from '../instance/instance-pool.ts';
import { keepAlive } from '../instance/keep-alive.ts';
import { withNamespace, withoutNamespace } from '../instance/namespace.ts';
import type { Telemetry } from '../middleware/telemetry.ts';
import { type ResolvedClientOptions, resolveClientOptions } from '../options/client-options.ts';
import { InstancePopNetwork } from '../pop/pop-network.ts';
import { PopReceiver } from '../pop/pop-receiver.ts';
import type { Popped } from '../pop/popped.ts';
import type { ConsumeTracer } from '../trace/consume-tracer.ts';
import { consumeTracerFor } from '../trace/trace-producer.ts';
import { Held } from './held.ts';
import {
  awaitOption,
  batchOption,
  invisibleOption,
  type ResolvedSimpleOptions,
  resolveSimpleOptions,
  type SimpleConsumerOptions,
} from './simple-consumer-options.ts';
import { simpleMember } from './simple-member.ts';
import { SimpleMessage, type SimpleSettlement } from './simple-message.ts';

/** How one `receive` is done. */
export interface ReceiveOptions extends CallOptions {
  /** Messages at most, 1 to 32. Default: the consumer's `batchSize`. */
  readonly max?: number;
  /** How long they are held. Default: the consumer's `invisibleMs`. */
  readonly invisibleMs?: number;
  /** How long to wait while there is nothing; 0 for not at all. Default: the consumer's. */
  readonly awaitMs?: number;
}

interface Running extends Joined {
  readonly network: InstancePopNetwork;
  readonly receiver: PopReceiver;
}

/** Calls of one consumer under way at a time; more wait. */
const CALLS_MAX = 10_000;
/** A message that is given back is there again after this time, milliseconds. */
const GIVE_BACK_MS = 1_000;
/** Pause of a loop after an error that may pass, milliseconds. */
const ERROR_PAUSE_MS = 1_000;

/** See the head of this file. */
export class SimpleConsumer implements AsyncDisposable {
  readonly group: string;
  readonly #clientOptions: ResolvedClientOptions;
  readonly #options: ResolvedSimpleOptions;
  readonly #gate: Gate;
  readonly #closed = new AbortController();
  readonly #held = new WeakMap<SimpleMessage, Held>();
  readonly #settlement: SimpleSettlement;
  readonly #tracer: ConsumeTracer | undefined;
  readonly #telemetry: Telemetry | undefined;
  readonly #lifetime: ConsumerLifetime<Running>;

  constructor(options: SimpleConsumerOptions) {
    this.#clientOptions = resolveClientOptions(options);
    const { clock, namespace, requestTimeoutMs, scheduler } = this.#clientOptions;
    const resolved = resolveSimpleOptions(options, clock.nowMs());
    this.#options = {
      ...resolved,
      group: withNamespace(namespace, resolved.group),
      subscriptions: resolved.subscriptions.map((item) =>
        renamed(item, withNamespace(namespace, item.topic)),
      ),
    };
    this.group = options.group;
    this.#gate = new Gate(CALLS_MAX, scheduler);
    this.#telemetry = options.telemetry;
    // A message that is acknowledged is a success, however long that took.
    this.#tracer = consumeTracerFor(
      options,
      this.#clientOptions,
      resolved.trace,
      Number.POSITIVE_INFINITY,
    );
    this.#lifetime = new ConsumerLifetime(this.group, {
      open: () => this.#open(),
      end: (running) => this.#end(running),
    });
    this.#settlement = {
      ack: (held) => this.#inside(requestTimeoutMs, () => held.ack()),
      changeInvisible: (held, invisibleMs) => {
        const checked = invisibleOption(invisibleMs, 0);
        return this.#inside(requestTimeoutMs, () => held.changeInvisible(checked));
      },
    };
  }

  /**
   * Joins the group. Called by the first use if it was not before. Throws `CONNECT` when no name
   * server answers; it may be called again then.
   */
  async start(options: CallOptions = {}): Promise<void> {
    await abortable(this.#lifetime.start(), options.signal);
  }

  /**
   * The next messages, all of one topic; an empty list when the time is over or the consumer is
   * closed meanwhile. Throws `ABORTED` when `signal` fires, `NO_ROUTE` while no topic exists, and
   * the error of the last broker when none answers.
   */
  async receive(options: ReceiveOptions = {}): Promise<readonly SimpleMessage[]> {
    const { signal } = options;
    const wish = {
      max: batchOption('max', options.max, this.#options.batchSize),
      invisibleMs: invisibleOption(options.invisibleMs, this.#options.invisibleMs),
      awaitMs: awaitOption(options.awaitMs, this.#options.awaitMs),
    };
    throwIfAborted(signal);
    const running = await abortable(this.#lifetime.start(), signal);
    const signals = signal === undefined ? [] : [signal];
    const ends = AbortSignal.any([this.#closed.signal, ...signals]);
    return this.#inside(wish.awaitMs + this.#clientOptions.requestTimeoutMs, async () => {
      const messages = await running.receiver.receive({ ...wish, signal: ends });
      if (!ends.aborted) return this.#received(messages, running);
      await this.#giveBack(messages.map((popped) => new Held(popped, running.network)));
      throwIfAborted(signal);
      return [];
    });
  }

  /** Acknowledges many messages with one request for each of their brokers. */
  async ack(messages: Iterable<SimpleMessage>): Promise<void> {
    const all = [...messages].map((message) => this.#heldOf(message));
    await this.#inside(this.#clientOptions.requestTimeoutMs, async () => {
      await Promise.all(all.map((held) => held.idle()));
      const open = all.filter((held) => !held.done);
      const { network } = await this.#lifetime.start();
      await network.ackAll(open.map((held) => held.popped));
      for (const held of open) held.acked();
    });
  }

  /** See {@link messages}. */
  [Symbol.asyncIterator](): AsyncGenerator<SimpleMessage, void, undefined> {
    return this.messages();
  }

  /**
   * The messages one by one; acknowledge each. Ends when the consumer is closed or `signal` fires;
   * errors that may pass are logged and survived. What was received and not handed out when a loop
   * ends is given back to the group at once.
   */
  async *messages(options: ReceiveOptions = {}): AsyncGenerator<SimpleMessage, void, undefined> {
    const ended = (): boolean => this.#lifetime.isClosed || options.signal?.aborted === true;
    while (!ended()) {
      const batch = [...(await this.#patiently(options))];
      try {
        for (let next = batch.shift(); next !== undefined; next = batch.shift()) yield next;
      } finally {
        await this.#giveBack(batch.map((message) => this.#heldOf(message)));
      }
    }
  }

  /** The id by which brokers know this member; undefined before the start. */
  async clientId(): Promise<string> {
    return (await this.#lifetime.start()).lease.instance.clientId;
  }

  /**
   * Ends what waits in `receive`, waits for acknowledgements that are under way, and leaves the
   * group. Messages that are not acknowledged come again when their time is over.
   */
  close(): Promise<void> {
    this.#closed.abort();
    return this.#lifetime.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<Running> {
    const { consumeFrom, group, ordered, subscriptions } = this.#options;
    const { clock, logger, scheduler } = this.#clientOptions;
    const lease = leaseInstance(this.#clientOptions, 'consumer', group);
    const { instance } = lease;
    const network = new InstancePopNetwork(instance, group);
    const receiver = new PopReceiver({
      ...{ clock, scheduler, logger, network, subscriptions, ordered },
      from: consumeFrom,
    });
    const running = { lease, network, receiver, letGo: keepAlive() };
    try {
      instance.addConsumer(simpleMember(this.#options, clock.nowMs()));
      await instance.routes.require(subscriptions.map((item) => item.topic));
      await new InstanceNetwork(instance, group).check(subscriptions);
      await instance.join();
    } catch (thrown) {
      await leaveGroup(running, group);
      throw thrown;
    }
    return running;
  }

  async #end(running: Running | undefined): Promise<void> {
    await this.#gate.idle();
    if (running === undefined) return;
    await this.#tracer?.close();
    await leaveGroup(running, this.#options.group);
  }

  /** Makes {@link close} wait for the work. */
  async #inside<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    this.#lifetime.requireOpen();
    if (!this.#gate.tryEnter()) await this.#gate.enter(timeoutMs);
    try {
      return await work();
    } finally {
      this.#gate.leave();
    }
  }

  /** Receives for a loop: nothing when the loop is over, or after an error that may pass. */
  async #patiently(options: ReceiveOptions): Promise<readonly SimpleMessage[]> {
    try {
      return await this.receive(options);
    } catch (thrown) {
      const error = MqError.from(thrown);
      if (error.code === MqErrorCode.Aborted || this.#lifetime.isClosed) return [];
      if (!error.retryable) throw error;
      const { logger, scheduler } = this.#clientOptions;
      logger.warn({ error, group: this.group }, 'Receiving failed, trying again');
      const signals = options.signal === undefined ? [] : [options.signal];
      const ends = AbortSignal.any([this.#closed.signal, ...signals]);
      await pause(scheduler, ERROR_PAUSE_MS, ends);
      return [];
    }
  }

  #received(messages: readonly Popped[], running: Running): readonly SimpleMessage[] {
    const all = messages.map((popped) => this.#wrap(popped, running));
    if (all.length > 0) this.#telemetry?.received(this.group, all);
    return all;
  }

  #wrap(popped: Popped, { network }: Running): SimpleMessage {
    const { codecs, namespace } = this.#clientOptions;
    // A message that nobody acknowledges in time has no end: the next delivery has another start.
    const delivery = this.#tracer?.begin(popped.message, popped.reconsumeTimes);
    const held = new Held(popped, network, delivery);
    const topic = withoutNamespace(namespace, popped.topic);
    const message = new SimpleMessage(held, topic, codecs, this.#settlement);
    this.#held.set(message, held);
    return message;
  }

  #heldOf(message: SimpleMessage): Held {
    const held = this.#held.get(message);
    if (held !== undefined) return held;
    const text = `Message ${message.messageId} was received by another consumer`;
    throw new MqError(MqErrorCode.InvalidArgument, text);
  }

  /** Lets the group have messages that nobody here will look at. */
  async #giveBack(messages: readonly Held[]): Promise<void> {
    const { logger } = this.#clientOptions;
    await Promise.all(
      messages.map(async (held) => {
        try {
          held.givenBack();
          await held.changeInvisible(GIVE_BACK_MS);
        } catch (thrown) {
          const fields = { error: MqError.from(thrown), topic: held.popped.topic };
          logger.warn(fields, 'A message was not given back, it comes when its time is over');
        }
      }),
    );
  }
}
