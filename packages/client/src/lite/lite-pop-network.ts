/** Popping lite topics: the broker knows what this client is subscribed to, and holds requests. */
import { type Clock, MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import type { PopArguments, PopResult } from '../api/pop-message.ts';
import type { PopNews } from '../api/pop-notification.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { InstancePopNetwork } from '../pop/pop-network.ts';
import type { Popped } from '../pop/popped.ts';
import { type LitePopper, popLiteMessages } from './pop-lite-message.ts';

/** A broker that answers "nothing" sooner does not hold requests: it is not asked on and on. */
const HELD_MS_MIN = 1_000;

/** See the head of this file. */
export class LitePopNetwork extends InstancePopNetwork {
  readonly #lite: ClientInstance;
  readonly #popper: LitePopper;
  readonly #clock: Clock;
  /** Pops whose answer is not known, by broker: repeated, they get the same messages. */
  readonly #attempts = new Map<string, string>();
  /** Brokers that did not hold the last request. */
  readonly #hasty = new Set<string>();

  constructor(instance: ClientInstance, group: string) {
    super(instance, group);
    this.#lite = instance;
    this.#popper = { group, clientId: instance.clientId };
    this.#clock = instance.options.clock;
  }

  override async pop(args: PopArguments, signal?: AbortSignal): Promise<PopResult> {
    const { brokerName, topic } = args.queue;
    const address = await this.#lite.masterOf(brokerName, topic);
    const attemptId = this.#attempts.get(brokerName) ?? this.attemptId();
    this.#attempts.set(brokerName, attemptId);
    const startedMs = this.#clock.monotonicMs();
    const wish = { ...args, attemptId };
    const result = await popLiteMessages(this.#lite, address, this.#popper, wish, signal);
    this.#attempts.delete(brokerName);
    const held = this.#clock.monotonicMs() - startedMs >= HELD_MS_MIN;
    if (result.messages.length > 0 || held) this.#hasty.delete(brokerName);
    else this.#hasty.add(brokerName);
    return result;
  }

  /** The pop has waited already. */
  override news({ queue }: PopArguments): Promise<PopNews> {
    return Promise.resolve(this.#hasty.has(queue.brokerName) ? 'full' : 'messages');
  }

  /** Lite topics have no batches of acknowledgements. */
  override async ackAll(messages: readonly Popped[]): Promise<void> {
    await Promise.all(messages.map((popped) => this.ack(popped)));
  }

  /**
   * Throws unless a broker serves lite topics of the parent to the group. To be called before
   * anything is subscribed to: then nothing is taken.
   */
  async check(queues: readonly MessageQueue[]): Promise<void> {
    const results = await Promise.allSettled(queues.map((queue) => this.#ask(queue)));
    const failed = results.filter((result) => result.status === 'rejected');
    const [first] = failed;
    if (first !== undefined && failed.length === results.length) throw refusal(first.reason);
  }

  async #ask(queue: MessageQueue): Promise<void> {
    const address = await this.#lite.masterOf(queue.brokerName, queue.topic);
    const wish = { queue, max: 1, invisibleMs: HELD_MS_MIN, holdMs: 0 };
    await popLiteMessages(this.#lite, address, this.#popper, wish);
  }
}

/** The broker's words, with the cure. */
function refusal(thrown: unknown): MqError {
  const error = MqError.from(thrown);
  const { responseCode } = error;
  if (error.code !== MqErrorCode.Response || responseCode === undefined || error.retryable) {
    return error;
  }
  const cure = 'the topic must be of type LITE, and the group bound to it (lite.bind.topic)';
  return new MqError(MqErrorCode.InvalidArgument, `${error.message}: ${cure}`, { responseCode });
}
