/** How much of a queue may be cached: its own limits, and its share of those of its topic. */
import type { MessageQueue } from '@skylarkmq/message';
import type { FlowLimits } from '../consumer/pull-loop.ts';
import type { ResolvedPushOptions } from './push-consumer-options.ts';

/** What of a consumer's options limits its cache. */
export type LimitOptions = Pick<
  ResolvedPushOptions,
  | 'ordered'
  | 'queueBytesMax'
  | 'queueMessagesMax'
  | 'queueSpanMax'
  | 'topicBytesMax'
  | 'topicMessagesMax'
>;

/** See the head of this file. */
export class QueueLimits {
  readonly #options: LimitOptions;
  readonly #heldOf: (topic: string) => number;
  readonly #byTopic = new Map<string, FlowLimits>();

  /** `heldOf` tells how many queues of a topic this consumer has now. */
  constructor(options: LimitOptions, heldOf: (topic: string) => number) {
    this.#options = options;
    this.#heldOf = heldOf;
  }

  /** The limits of a queue. */
  of({ topic }: Pick<MessageQueue, 'topic'>): FlowLimits {
    const known = this.#byTopic.get(topic);
    if (known !== undefined) return known;
    const limits = this.#share(this.#heldOf(topic));
    this.#byTopic.set(topic, limits);
    return limits;
  }

  /** The number of queues of a topic changed. */
  changed(topic: string): void {
    this.#byTopic.delete(topic);
  }

  // RocketMQ: RebalancePushImpl#messageQueueChanged
  #share(queues: number): FlowLimits {
    const { ordered, queueBytesMax, queueMessagesMax, queueSpanMax } = this.#options;
    const { topicBytesMax, topicMessagesMax } = this.#options;
    const share = (max: number): number => Math.max(1, Math.floor(max / Math.max(1, queues)));
    return {
      countMax: Math.min(queueMessagesMax, share(topicMessagesMax)),
      bytesMax: Math.min(queueBytesMax, share(topicBytesMax)),
      spanMax: ordered ? Number.POSITIVE_INFINITY : queueSpanMax,
    };
  }
}
