/**
 * Brings packed messages to brokers: looks the route up, chooses queue after queue, and notes what
 * was stored for the trace.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { sendMessage, sendMessageOneway } from '../api/send-message.ts';
import { abortable } from '../async/abortable.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { RequestOptions } from '../instance/requester.ts';
import type { ResolvedClientOptions } from '../options/client-options.ts';
import type { TopicRoute } from '../route/topic-route.ts';
import type { SendTracer } from '../trace/send-tracer.ts';
import { LatencyFault } from './latency-fault.ts';
import type { Parcel } from './packer.ts';
import type { ResolvedProducerOptions } from './producer-options.ts';
import { QueueChoice } from './queue-choice.ts';
import { SendAttempts } from './send-attempts.ts';
import type { SendOptions } from './send-options.ts';
import type { SendReceipt } from './send-receipt.ts';
import { noRoute, usable } from './usable-route.ts';

/** What a delivery needs. */
export interface DeliveryDeps {
  readonly client: Pick<ResolvedClientOptions, 'clock' | 'prng'>;
  readonly options: ResolvedProducerOptions;
  /** Undefined: nothing is traced. */
  readonly tracer: SendTracer | undefined;
  /** The instance of a call that was let in. */
  live(): ClientInstance;
}

/** See the head of this file. */
export class Delivery {
  readonly #deps: DeliveryDeps;
  readonly #attempts: SendAttempts;
  readonly #choice: QueueChoice;

  constructor(deps: DeliveryDeps) {
    const { client, options } = deps;
    this.#deps = deps;
    const faults = new LatencyFault(client.clock, options.latencySteps);
    this.#attempts = new SendAttempts(options, client.clock, faults);
    this.#choice = new QueueChoice(client.prng, options.latencyFaultTolerance ? faults : undefined);
  }

  /** Resolves when a broker has stored the messages, with one receipt for each. */
  async deliver(
    parcel: Parcel,
    options: SendOptions,
    deadlineMs: number,
  ): Promise<readonly SendReceipt[]> {
    const { signal } = options;
    const instance = this.#deps.live();
    const known = instance.routes.known(parcel.topic);
    const route = usable(known) ? known : await this.route(instance, parcel.topic, signal);
    const fixed = this.#choice.fixed(parcel, route, options);
    return this.#attempts.run({
      topic: parcel.topic,
      deadlineMs,
      signal,
      attemptsMax: fixed === undefined ? 1 + this.#deps.options.retries : 1,
      pick: (lastBroker) => fixed ?? this.#choice.pick(route, lastBroker, parcel.topic),
      send: async (queue, attemptMs) => {
        const address =
          instance.routes.addressOf(queue.brokerName) ??
          (await instance.masterOf(queue.brokerName, parcel.topic));
        const how =
          signal === undefined ? { timeoutMs: attemptMs } : { timeoutMs: attemptMs, signal };
        try {
          return await this.#send(instance, address, queue, parcel, how);
        } catch (thrown) {
          const error = MqError.from(thrown);
          // The broker may have moved: errors of the lookup are logged.
          if (error.code === MqErrorCode.Connect) void instance.routes.refreshOne(parcel.topic);
          throw error;
        }
      },
    });
  }

  /** The queue that a message must go to; undefined if any will do. */
  queueOf(
    member: Pick<Parcel, 'topic' | 'shardingKey'>,
    options: SendOptions,
  ): MessageQueue | undefined | Promise<MessageQueue | undefined> {
    const { queue, selector, signal } = options;
    if (queue === undefined && selector === undefined && member.shardingKey === undefined) return;
    const instance = this.#deps.live();
    const known = instance.routes.known(member.topic);
    if (usable(known)) return this.#choice.fixed(member, known, options);
    return this.route(instance, member.topic, signal).then((route) =>
      this.#choice.fixed(member, route, options),
    );
  }

  /** Hands a message to a connection, once. */
  async oneway(parcel: Parcel, options: SendOptions): Promise<void> {
    const instance = this.#deps.live();
    const route = await this.route(instance, parcel.topic, options.signal);
    const queue =
      this.#choice.fixed(parcel, route, options) ??
      this.#choice.pick(route, undefined, parcel.topic);
    const address = await instance.masterOf(queue.brokerName, parcel.topic);
    await sendMessageOneway(instance, address, queue, parcel.arguments);
  }

  /** Where a topic can be written. */
  async route(instance: ClientInstance, topic: string, signal?: AbortSignal): Promise<TopicRoute> {
    const route = await abortable(instance.routes.findToSend(topic), signal);
    if (usable(route)) return route;
    throw noRoute(topic, route);
  }

  async #send(
    instance: ClientInstance,
    address: string,
    queue: MessageQueue,
    { arguments: args, messages, isRequest }: Parcel,
    how: RequestOptions,
  ): Promise<readonly SendReceipt[]> {
    const { client, tracer } = this.#deps;
    if (isRequest === true) await instance.announceTo(address);
    if (tracer === undefined) return sendMessage(instance, address, queue, args, how);
    const startedAtMs = client.clock.nowMs();
    const startedMs = client.clock.monotonicMs();
    const receipts = await sendMessage(instance, address, queue, args, how);
    const costMs = Math.round(client.clock.monotonicMs() - startedMs);
    tracer.stored({ messages, receipts, address, startedAtMs, costMs });
    return receipts;
  }
}
