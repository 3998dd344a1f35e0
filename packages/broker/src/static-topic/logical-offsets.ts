/** Offsets of logical queues: their ends, the offset of a time, and how far groups are. */
import { type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageStore } from '@skylarkmq/store';
import {
  type Command,
  GetEarliestMsgStoretime,
  GetMaxOffset,
  GetMinOffset,
  type Outgoing,
  QueryConsumerOffset,
  type QueuePart,
  ResponseCode,
  SearchOffsetByTimestamp,
  UpdateConsumerOffset,
} from '@skylarkmq/wire';
import { notLeader } from './not-leader.ts';
import type { PeerBrokers } from './peer-brokers.ts';
import {
  isDecided,
  type LedQueue,
  ledQueue,
  partAt,
  toLogical,
  toPhysical,
} from './queue-parts.ts';
import type { StaticTopics } from './static-topics.ts';

const NONE = -1;

/** The fields by which a request names a queue. */
export interface NamedQueue {
  readonly topic: string;
  readonly queueId: number;
  readonly lo?: boolean | undefined;
}

/** Requests that ask for one number of a queue, and how the number is called. */
interface NumberRpc {
  readonly code: number;
  readonly request: {
    encode(values: {
      topic: string;
      queueId: number;
      lo: boolean;
      bname: string;
    }): Map<string, string>;
  };
}

export interface LogicalOffsetsDeps {
  readonly staticTopics: Pick<StaticTopics, 'get'>;
  readonly peers: Pick<PeerBrokers, 'ask'>;
  readonly store: Pick<
    MessageStore,
    'minOffset' | 'maxOffset' | 'offsetByTime' | 'earliestStoreTime'
  >;
  readonly offsets: {
    query(group: string, topic: string, queueId: number): number;
    commit(group: string, topic: string, queueId: number, offset: number, by: string): void;
  };
  readonly logger: Logger;
}

// RocketMQ: AdminBrokerProcessor#rewriteRequestForStaticTopic, for each kind of request
export class LogicalOffsets {
  readonly #deps: LogicalOffsetsDeps;

  constructor(deps: LogicalOffsetsDeps) {
    this.#deps = deps;
  }

  /** The logical queue that a request is about; null when it is about a physical one. */
  queue({ topic, queueId, lo }: NamedQueue): LedQueue | Outgoing | null {
    const mapping = this.#deps.staticTopics.get(topic);
    if (mapping === null || lo === false) return null;
    return ledQueue(mapping, queueId) ?? notLeader(mapping, queueId);
  }

  /** One past the last message. */
  async max(queue: LedQueue): Promise<Outgoing> {
    const part = partAt(queue.parts, Number.MAX_SAFE_INTEGER);
    if (part === undefined) return notLeader(queue.topic, queue.queueId);
    const offset = toLogical(part, await this.#maxOf(queue, part));
    return ok(GetMaxOffset.response.encode({ offset }));
  }

  async min(queue: LedQueue): Promise<Outgoing> {
    const part = partAt(queue.parts, 0);
    if (part === undefined) return notLeader(queue.topic, queue.queueId);
    const offset = await this.#minOf(queue, part);
    return ok(GetMinOffset.response.encode({ offset: toLogical(part, offset) }));
  }

  /** Where a part begins and ends, in the numbers of its own broker. */
  async ends(
    queue: LedQueue,
    part: QueuePart,
  ): Promise<{ readonly min: number; readonly max: number }> {
    const max = await this.#maxOf(queue, part);
    return { min: await this.#minOf(queue, part), max };
  }

  /** Store time of the oldest message; -1 when there is none. */
  async earliest(queue: LedQueue): Promise<Outgoing> {
    const topic = queue.topic.topic;
    let timestamp = NONE;
    for (const part of queue.parts.filter(isDecided)) {
      timestamp = this.#isHere(queue, part)
        ? await this.#deps.store.earliestStoreTime(topic, part.queueId)
        : await this.#number(queue, part, GetEarliestMsgStoretime, 'timestamp');
      if (timestamp !== NONE) break;
    }
    return ok(GetEarliestMsgStoretime.response.encode({ timestamp }));
  }

  /** The offset of a time: in the first part that goes on until then. */
  async search(queue: LedQueue, timestamp: number, boundary: 'lower' | 'upper'): Promise<Outgoing> {
    const topic = queue.topic.topic;
    let offset = NONE;
    for (const part of queue.parts.filter(isDecided)) {
      const found = this.#isHere(queue, part)
        ? await this.#deps.store.offsetByTime(topic, part.queueId, timestamp, boundary)
        : await this.#searchAt(queue, part, timestamp, boundary);
      if (found < 0) continue;
      offset = toLogical(part, found);
      if (part === queue.leader || found < (await this.#maxOf(queue, part))) break;
    }
    return ok(SearchOffsetByTimestamp.response.encode({ offset }));
  }

  /** Where a group is: in the newest part that it has an offset of. -1 when there is none. */
  // RocketMQ: ConsumerManageProcessor#rewriteRequestForStaticTopic
  async committed(queue: LedQueue, consumerGroup: string): Promise<number> {
    for (const part of queue.parts.filter(isDecided).reverse()) {
      const offset = this.#isHere(queue, part)
        ? this.#deps.offsets.query(consumerGroup, queue.topic.topic, part.queueId)
        : await this.#committedAt(queue, part, consumerGroup);
      if (offset >= 0) return toLogical(part, offset);
    }
    return NONE;
  }

  /** The physical queue that an offset belongs to, and the offset in it. */
  commitPlace(queue: LedQueue, offset: number): { part: QueuePart; offset: number } | undefined {
    const part = partAt(queue.parts, offset);
    if (part === undefined) return undefined;
    return { part, offset: Math.max(part.startOffset, toPhysical(part, offset)) };
  }

  /** Commits at another broker. */
  async commitAt(
    queue: LedQueue,
    part: QueuePart,
    consumerGroup: string,
    commitOffset: number,
  ): Promise<Outgoing> {
    const ext = UpdateConsumerOffset.request.encode({
      ...{ consumerGroup, commitOffset },
      ...physical(queue, part),
    });
    const request = { code: UpdateConsumerOffset.code, ext };
    const answer = await this.#ask(queue, part, request);
    const { code, remark } = answer;
    return { code, ...(remark === null ? {} : { remark }) };
  }

  /** With a pull: where the offset is another broker's, the client's own commits do it. */
  commitWithPull(queue: LedQueue, group: string, offset: number, by: string): void {
    const place = this.commitPlace(queue, offset);
    if (place === undefined || !this.#isHere(queue, place.part)) return;
    const topic = queue.topic.topic;
    this.#deps.offsets.commit(group, topic, place.part.queueId, place.offset, by);
  }

  #isHere(queue: LedQueue, part: QueuePart): boolean {
    return part.brokerName === queue.topic.brokerName;
  }

  async #minOf(queue: LedQueue, part: QueuePart): Promise<number> {
    if (!this.#isHere(queue, part)) return this.#number(queue, part, GetMinOffset, 'offset');
    return this.#deps.store.minOffset(queue.topic.topic, part.queueId);
  }

  async #maxOf(queue: LedQueue, part: QueuePart): Promise<number> {
    if (!this.#isHere(queue, part)) return this.#number(queue, part, GetMaxOffset, 'offset');
    return this.#deps.store.maxOffset(queue.topic.topic, part.queueId);
  }

  async #searchAt(
    queue: LedQueue,
    part: QueuePart,
    timestamp: number,
    boundaryType: string,
  ): Promise<number> {
    const ext = SearchOffsetByTimestamp.request.encode({
      ...{ timestamp, boundaryType },
      ...physical(queue, part),
    });
    const answer = await this.#ask(queue, part, { code: SearchOffsetByTimestamp.code, ext });
    return numberOf(expectSuccess(answer, part), 'offset');
  }

  async #committedAt(queue: LedQueue, part: QueuePart, consumerGroup: string): Promise<number> {
    const ext = QueryConsumerOffset.request.encode({
      ...{ consumerGroup, setZeroIfNotFound: false },
      ...physical(queue, part),
    });
    const answer = await this.#ask(queue, part, { code: QueryConsumerOffset.code, ext });
    if (answer.code === ResponseCode.QueryNotFound) return NONE;
    return numberOf(expectSuccess(answer, part), 'offset');
  }

  async #number(queue: LedQueue, part: QueuePart, rpc: NumberRpc, field: string): Promise<number> {
    const ext = rpc.request.encode(physical(queue, part));
    const answer = await this.#ask(queue, part, { code: rpc.code, ext });
    return numberOf(expectSuccess(answer, part), field);
  }

  async #ask(queue: LedQueue, part: QueuePart, request: Outgoing): Promise<Command> {
    const topic = queue.topic.topic;
    try {
      return await this.#deps.peers.ask(part.brokerName, topic, request);
    } catch (thrown) {
      const error = MqError.from(thrown);
      const fields = { topic, queueId: queue.queueId, broker: part.brokerName, error };
      this.#deps.logger.warn(fields, 'Another broker does not answer about a part of a queue');
      throw error;
    }
  }
}

function physical(
  queue: LedQueue,
  part: QueuePart,
): { topic: string; queueId: number; lo: boolean; bname: string } {
  const { queueId, brokerName: bname } = part;
  return { topic: queue.topic.topic, queueId, lo: false, bname };
}

function expectSuccess(answer: Command, part: QueuePart): Command {
  if (answer.code === ResponseCode.Success) return answer;
  const message = `Broker ${part.brokerName} says of queue ${part.queueId}: ${answer.remark ?? ''}`;
  throw new MqError(MqErrorCode.Response, message, { responseCode: answer.code });
}

function numberOf(answer: Command, field: string): number {
  return Number(answer.ext.get(field) ?? NONE);
}

function ok(ext: ReadonlyMap<string, string>): Outgoing {
  return { code: ResponseCode.Success, ext };
}
