/**
 * Forgets the oldest part of a logical queue when it has no message any more: retention took them.
 * The leader of the queue does it; parts lie at whatever broker. Groups that are still in the part
 * are moved to the one behind it first: they would be new ones else, and might skip messages.
 */
import { type Logger, MqError, MqErrorCode, type Scheduler, type Timer } from '@skylarkmq/base';
import {
  decodeGroupList,
  QueryTopicConsumeByWho,
  type QueuePart,
  ResponseCode,
  type StaticTopic,
} from '@skylarkmq/wire';
import type { ConsumerOffsets } from '../offset/consumer-offsets.ts';
import type { LogicalOffsets } from './logical-offsets.ts';
import type { PeerBrokers } from './peer-brokers.ts';
import { isDecided, type LedQueue, ledQueue } from './queue-parts.ts';
import type { StaticTopics } from './static-topics.ts';

export interface EmptiedPartsDeps {
  readonly staticTopics: StaticTopics;
  readonly logical: LogicalOffsets;
  readonly peers: Pick<PeerBrokers, 'ask'>;
  readonly offsets: Pick<ConsumerOffsets, 'groupsOf' | 'commit'>;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

// RocketMQ: TopicQueueMappingCleanService#run
const PERIOD_MS = 300_000;
const BY = 'a part that is gone';

/** See the head of this file. */
// RocketMQ: TopicQueueMappingCleanService#cleanItemExpired
export class EmptiedParts {
  readonly #deps: EmptiedPartsDeps;
  #timer: Timer | undefined;
  #round: Promise<void> | undefined;
  #isClosed = false;

  constructor(deps: EmptiedPartsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer ??= this.#deps.scheduler.every(PERIOD_MS, () => {
      this.#round ??= this.removeAll().finally(() => {
        this.#round = undefined;
      });
    });
  }

  /** Ends after the queue that is looked at. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#round;
  }

  /** One round over all queues that are led here. Errors are logged: the next round tries again. */
  async removeAll(): Promise<void> {
    const { logger, staticTopics } = this.#deps;
    for (const { topic, hostedQueues } of [...staticTopics.all().values()]) {
      for (const queueId of [...hostedQueues.keys()]) {
        if (this.#isClosed) return;
        try {
          await this.#look(topic, queueId);
        } catch (thrown) {
          const fields = { topic, queueId, error: MqError.from(thrown) };
          logger.warn(fields, 'It is not known whether a part of a queue is empty');
        }
      }
    }
  }

  async #look(topic: string, queueId: number): Promise<void> {
    const { logger, logical, staticTopics } = this.#deps;
    const mapping = staticTopics.get(topic);
    const queue = mapping === null ? undefined : ledQueue(mapping, queueId);
    const [oldest, ...later] = queue?.parts ?? [];
    if (queue === undefined || oldest === undefined || !later.some(isDecided)) return;
    const { min, max } = await logical.ends(queue, oldest);
    if (min < max) return;
    await this.#moveGroups(queue, oldest, later);
    // Somebody may have moved the queue meanwhile.
    const now = staticTopics.get(topic);
    if (now === null || now !== mapping) return;
    staticTopics.put(withParts(now, queueId, later));
    logger.info({ topic, queueId, part: oldest }, 'A part of a queue is empty and forgotten');
  }

  async #moveGroups(
    queue: LedQueue,
    oldest: QueuePart,
    later: readonly QueuePart[],
  ): Promise<void> {
    const { logical, offsets } = this.#deps;
    const rest: LedQueue = { ...queue, parts: later };
    const next = later.find(isDecided);
    if (next === undefined) return;
    const topic = queue.topic.topic;
    for (const group of await this.#groups(topic, oldest, queue.topic.brokerName)) {
      if ((await logical.committed(queue, group)) < 0) continue;
      if ((await logical.committed(rest, group)) >= 0) continue;
      if (next.brokerName === queue.topic.brokerName) {
        offsets.commit(group, topic, next.queueId, next.startOffset, BY);
        continue;
      }
      const { code, remark } = await logical.commitAt(rest, next, group, next.startOffset);
      if (code === ResponseCode.Success) continue;
      const message = `Broker ${next.brokerName} does not take an offset of ${group}: ${remark}`;
      throw new MqError(MqErrorCode.Response, message, { responseCode: code });
    }
  }

  /** Groups that have offsets of the topic at the broker of the part. */
  async #groups(topic: string, part: QueuePart, brokerName: string): Promise<readonly string[]> {
    const { offsets, peers } = this.#deps;
    if (part.brokerName === brokerName) return offsets.groupsOf(topic);
    const ext = QueryTopicConsumeByWho.request.encode({ topic });
    const request = { code: QueryTopicConsumeByWho.code, ext };
    const answer = await peers.ask(part.brokerName, topic, request);
    if (answer.code === ResponseCode.Success) return decodeGroupList(answer.body);
    const message = `Broker ${part.brokerName} does not name the groups: ${answer.remark}`;
    throw new MqError(MqErrorCode.Response, message, { responseCode: answer.code });
  }
}

function withParts(topic: StaticTopic, queueId: number, parts: readonly QueuePart[]): StaticTopic {
  return { ...topic, hostedQueues: new Map(topic.hostedQueues).set(queueId, [...parts]) };
}
