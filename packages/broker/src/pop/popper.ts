/** Hands messages out: looks through the queues of a topic and its retry topic for a POP. */
import { type Clock, MqError, MqErrorCode, type Prng } from '@skylarkmq/base';
import {
  POP_ORDER_REVIVE_QUEUE,
  type PopHandle,
  PopTopicKind,
  popRetryTopic,
} from '@skylarkmq/message';
import { type GetResult, GetStatus, type MessageStore } from '@skylarkmq/store';
import type { TopicConfig } from '@skylarkmq/wire';
import type { BrokerIdentity } from '../identity.ts';
import type { BrokerSettings } from '../settings.ts';
import { CHECK_POINT_MESSAGES_MAX, type CheckPoint } from './check-point.ts';
import type { PopQueue } from './flight.ts';
import { Flight } from './flight.ts';
import type { FlightTable } from './flight-table.ts';
import type { OrderedPops } from './ordered-pops.ts';
import type { PopCommits } from './pop-commits.ts';
import type { PopOffsets } from './pop-offsets.ts';
import { Popped, type PopRequest } from './pop-request.ts';
import { queueOffsetsOf, relabelled } from './popped-records.ts';
import type { ReviveLog } from './revive-log.ts';
import { isStored, refused } from './store-refusal.ts';

const PERCENT = 100;

export interface PopperDeps {
  readonly store: Pick<MessageStore, 'getMessages'>;
  readonly topics: { get(topic: string): TopicConfig | undefined };
  readonly flights: FlightTable;
  readonly offsets: PopOffsets;
  readonly commits: PopCommits;
  readonly ordered: OrderedPops;
  readonly log: ReviveLog;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly identity: Pick<BrokerIdentity, 'brokerName'>;
  settings(): BrokerSettings;
}

/** A topic that is looked through, and how its messages are named to the consumer. */
interface Source {
  readonly topic: TopicConfig;
  readonly kind: PopTopicKind;
}

export class Popper {
  readonly #deps: PopperDeps;
  #pops = 0;

  constructor(deps: PopperDeps) {
    this.#deps = deps;
  }

  /**
   * Messages for a consumer; none when there are none. BUSY when too many are in flight. What it
   * resolves with must be released.
   */
  // RocketMQ: PopMessageProcessor#processRequest
  async pop(request: PopRequest, topic: TopicConfig, popTime?: number): Promise<Popped> {
    const { clock, settings } = this.#deps;
    const { reviveQueueNum } = settings();
    const isOrder = request.isOrder;
    const turn = this.#pops++ % Number.MAX_SAFE_INTEGER;
    const reviveQueueId = isOrder ? POP_ORDER_REVIVE_QUEUE : turn % Math.max(1, reviveQueueNum);
    const popped = new Popped(popTime ?? clock.nowMs(), reviveQueueId);
    const normal: Source = { topic, kind: PopTopicKind.Normal };
    try {
      await this.#popAll(request, normal, popped, turn);
      for (const error of await Promise.all(popped.pending)) if (error !== undefined) throw error;
    } catch (error) {
      popped.release();
      throw error;
    }
    return popped;
  }

  async #popAll(request: PopRequest, normal: Source, popped: Popped, turn: number): Promise<void> {
    const { isOrder } = request;
    const { prng, settings } = this.#deps;
    const { popFromRetryProbability, popFromRetryProbabilityForPriority } = settings();
    const byPriority = !isOrder && isPriorityTopic(normal.topic);
    const retryPercent = byPriority ? popFromRetryProbabilityForPriority : popFromRetryProbability;
    const retryFirst = !isOrder && prng.below(PERCENT) < retryPercent;
    if (retryFirst) await this.#popRetries(request, popped);
    await this.#popSource(request, normal, popped, request.queueId, turn);
    if (!retryFirst && !isOrder) await this.#popRetries(request, popped);
  }

  /** Whether a POP would find something that it has not seen. */
  hasMore(request: PopRequest, topic: TopicConfig): boolean {
    const { flights, offsets, ordered } = this.#deps;
    const { group } = request;
    const sources: Source[] = [{ topic, kind: PopTopicKind.Normal }];
    if (!request.isOrder) sources.push(...this.#retrySources(request));
    for (const source of sources) {
      const { topicName, readQueueNums } = source.topic;
      const isOne = request.queueId >= 0 && source.kind === PopTopicKind.Normal;
      const first = isOne ? request.queueId : 0;
      const end = isOne ? first + 1 : readQueueNums;
      for (let queueId = first; queueId < end; queueId++) {
        const queue = flights.queue(group, topicName, queueId);
        if (queue.handle.maxOffset <= offsets.peek(queue)) continue;
        if (!request.isOrder || !ordered.isBlocked(queue, request.attemptId)) return true;
      }
    }
    return false;
  }

  async #popRetries(request: PopRequest, popped: Popped): Promise<void> {
    for (const source of this.#retrySources(request)) {
      await this.#popSource({ ...request, filter: null }, source, popped, -1, 0);
    }
  }

  #retrySources({ group, topic }: PopRequest): Source[] {
    const { topics, settings } = this.#deps;
    const { enableRetryTopicV2, retrieveMessageFromPopRetryTopicV1 } = settings();
    const sources: Source[] = [];
    if (enableRetryTopicV2) {
      const retry = topics.get(popRetryTopic(group, topic, 2));
      if (retry !== undefined) sources.push({ topic: retry, kind: PopTopicKind.RetryV2 });
    }
    if (!enableRetryTopicV2 || retrieveMessageFromPopRetryTopicV1) {
      const retry = topics.get(popRetryTopic(group, topic, 1));
      if (retry !== undefined) sources.push({ topic: retry, kind: PopTopicKind.RetryV1 });
    }
    return sources;
  }

  async #popSource(
    request: PopRequest,
    source: Source,
    popped: Popped,
    queueId: number,
    turn: number,
  ): Promise<void> {
    const { topicName, readQueueNums } = source.topic;
    const count = queueId >= 0 ? 1 : readQueueNums;
    for (let index = 0; index < count; index++) {
      const id = queueId >= 0 ? queueId : this.#queueAt(request, source, turn, index);
      const queue = this.#deps.flights.queue(request.group, topicName, id);
      await this.#popQueue(request, source, queue, popped);
    }
  }

  /** The queue that is looked at as number `index`. */
  // RocketMQ: PopMessageProcessor#popMsgFromTopicByPriority
  #queueAt({ isOrder }: PopRequest, { topic }: Source, turn: number, index: number): number {
    const { readQueueNums } = topic;
    if (isOrder || !isPriorityTopic(topic)) return (turn + index) % readQueueNums;
    return this.#deps.settings().priorityOrderAsc ? readQueueNums - 1 - index : index;
  }

  /** One reader a queue: the others wait until it has what it wants. */
  async #popQueue(
    request: PopRequest,
    source: Source,
    queue: PopQueue,
    popped: Popped,
  ): Promise<void> {
    while (queue.reading !== undefined) await queue.reading;
    const left = request.maxCount - popped.count;
    const { handle } = queue;
    const offset = this.#deps.offsets.next(queue, request.initMode);
    const isBlocked = request.isOrder && this.#deps.ordered.isBlocked(queue, request.attemptId);
    if (isBlocked) popped.isBlocked = true;
    if (isBlocked || left <= 0 || this.#isOverThreshold(queue)) {
      popped.rest += Math.max(0, handle.maxOffset - offset);
      return;
    }
    if (handle.maxOffset === offset) return;
    const reading = this.#read(request, source, queue, popped, left);
    queue.reading = reading.finally(() => {
      queue.reading = undefined;
    });
    await queue.reading;
  }

  // RocketMQ: PopMessageProcessor#isPopShouldStop
  #isOverThreshold(queue: PopQueue): boolean {
    const { enablePopMessageThreshold, popInflightMessageThreshold } = this.#deps.settings();
    return enablePopMessageThreshold && queue.inFlight >= popInflightMessageThreshold;
  }

  async #read(
    request: PopRequest,
    source: Source,
    queue: PopQueue,
    popped: Popped,
    left: number,
  ): Promise<void> {
    const { store, settings, ordered, offsets, commits } = this.#deps;
    const bytes = settings().maxTransferBytesOnMessageInMemory;
    const count = Math.min(left, CHECK_POINT_MESSAGES_MAX);
    const { byConsumeQueue = null, byRecord = null } = request.filter ?? {};
    const isWanted = request.isOrder ? ordered.notAcknowledged(queue, byRecord) : byRecord;
    const get = (): GetResult | Promise<GetResult> =>
      store.getMessages(queue.handle, queue.offset, count, bytes, byConsumeQueue, isWanted);
    let found = get();
    if (found instanceof Promise) found = await found;
    if (isElsewhere(found)) {
      // RocketMQ: PopMessageProcessor#popMsgFromQueue: the offset is corrected, and tried once more
      queue.offset = nextOffset(found);
      offsets.commit(queue, queue.offset);
      found.release();
      found = get();
      if (found instanceof Promise) found = await found;
    }
    if (found.count > 0) {
      // Consumers get the records from where the store has them.
      popped.hold(found);
      const stored = this.#take(request, source, queue, popped, found);
      popped.pending.push(stored.then(noError, (error: unknown) => error));
    } else {
      found.release();
      if (queue.offset !== found.nextBeginOffset) {
        queue.offset = nextOffset(found);
        commits.skipped(queue, queue.offset);
      }
    }
    popped.rest += Math.max(0, queue.handle.maxOffset - queue.offset);
  }

  /** Resolves when it is stored; what it changes in memory is done when it returns. */
  #take(
    request: PopRequest,
    source: Source,
    queue: PopQueue,
    popped: Popped,
    found: GetResult,
  ): Promise<void> {
    const taken = queueOffsetsOf(found.slices, queue.topic);
    const startOffset = queue.offset;
    const { queueId } = queue;
    const { kind } = source;
    const stored = request.isOrder
      ? this.#deps.ordered.take(request, queue, popped, taken)
      : this.#fly(request, queue, popped, taken, found.nextBeginOffset);
    const handle: Omit<PopHandle, 'queueOffset'> = {
      ...{ startOffset, popTime: popped.popTime, invisibleTime: request.invisibleTime },
      ...{ reviveQueueId: popped.reviveQueueId, topicKind: kind, queueId },
      brokerName: this.#deps.identity.brokerName,
    };
    const isRetry = kind !== PopTopicKind.Normal;
    const actual = this.#deps.settings().popResponseReturnActualRetryTopic;
    for (const slice of found.slices) {
      popped.records.push(isRetry && !actual ? relabelled(slice, request.topic, handle) : slice);
    }
    popped.startOffsets.push({ kind, queueId, startOffset });
    popped.messageOffsets.push({ kind, queueId, offsets: taken });
    popped.count += taken.length;
    popped.bytes += found.bytes;
    return stored;
  }

  /** Writes the check point down and lets the messages fly; resolves when that is stored. */
  // RocketMQ: PopMessageProcessor#appendCheckPoint
  #fly(
    request: PopRequest,
    queue: PopQueue,
    popped: Popped,
    taken: readonly number[],
    next: number,
  ): Promise<void> {
    const { flights, log, identity, commits } = this.#deps;
    if (flights.isFull) {
      const hint = 'acknowledge messages, or use a shorter invisible time';
      throw new MqError(MqErrorCode.Busy, `Too many messages are in flight: ${hint}`);
    }
    const { group, topic, queueId, offset: startOffset } = queue;
    const point: CheckPoint = {
      ...{ topic, group, queueId, startOffset },
      diffs: taken.map((one) => one - startOffset),
      popTime: popped.popTime,
      invisibleTime: request.invisibleTime,
      brokerName: identity.brokerName,
      ...{ bitMap: 0, suspend: false },
    };
    const place = log.place(popped.reviveQueueId);
    const flight = new Flight(queue, point, popped.reviveQueueId, place);
    const { status, stored, physicalEnd } = log.checkPoint(point, popped.reviveQueueId);
    if (!isStored(status)) throw refused(status);
    // From here on the messages are away: the next pop may read on while this is being written.
    flights.add(flight);
    queue.offset = next;
    return stored.then((end) => {
      if (!isStored(end)) throw refused(end);
      commits.popped(queue, next, physicalEnd);
    });
  }
}

function isPriorityTopic({ attributes }: TopicConfig): boolean {
  return attributes.get('message.type') === 'PRIORITY';
}

function isElsewhere({ status }: GetResult): boolean {
  return (
    status === GetStatus.OffsetTooSmall ||
    status === GetStatus.OffsetOverflowBadly ||
    status === GetStatus.OffsetFoundNull ||
    status === GetStatus.MessageWasRemoving ||
    status === GetStatus.NoMatchedMessage
  );
}

/** Where to go on after what is gone, or after an offset that the queue does not have. */
function nextOffset(found: GetResult): number {
  return found.status === GetStatus.OffsetOverflowBadly ? found.maxOffset : found.nextBeginOffset;
}

function noError(): undefined {
  return undefined;
}
