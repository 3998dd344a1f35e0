/** Handing messages out: codes 11 and 361. */
import { type Logger, MqError } from '@skylarkmq/base';
import { PullFlag } from '@skylarkmq/message';
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import { type GetResult, GetStatus, type MessageStore, type QueueHandle } from '@skylarkmq/store';
import {
  type Command,
  type Outgoing,
  PullMessageScan,
  RequestCode,
  ResponseCode,
  type StaticTopic,
  type SubscriptionData,
  type SubscriptionGroup,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { MessageFilters } from '../filter/message-filters.ts';
import type { BrokerIdentity } from '../identity.ts';
import type { PullHolds } from '../long-poll/pull-holds.ts';
import { Pull } from '../pull/pull.ts';
import { OFFSET_RESET, PullAnswers, pullCode } from '../pull/pull-answer.ts';
import {
  checkBroker,
  checkGroup,
  checkSubscription,
  checkTopic,
  type PullCheckDeps,
} from '../pull/pull-checks.ts';
import { type PullTarget, PullTargets } from '../pull/pull-targets.ts';
import type { BrokerSettings } from '../settings.ts';
import type { LogicalOffsets } from '../static-topic/logical-offsets.ts';
import {
  forwardedAnswer,
  forwardedPull,
  logicalOutcome,
  placePull,
} from '../static-topic/logical-pull.ts';
import { notLeader } from '../static-topic/not-leader.ts';
import type { PeerBrokers } from '../static-topic/peer-brokers.ts';
import type { LogicalPlace } from '../static-topic/queue-parts.ts';
import type { StaticTopics } from '../static-topic/static-topics.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';

/** What pulling uses of the consumers that are online; `ConsumerRegistry` is one. */
interface PullConsumers {
  group(name: string): { readonly messageModel: string; readonly consumeType: string } | undefined;
  subscription(group: string, topic: string): SubscriptionData | undefined;
}

/** What pulling uses of the progress of groups; `ConsumerOffsets` is one. */
interface PullOffsets {
  commit(group: string, topic: string, queueId: number, offset: number, by: string): void;
  notePull(group: string, topic: string, queueId: number, offset: number): void;
  takeReset(group: string, topic: string, queueId: number): number;
}

export interface PullDeps {
  readonly store: Pick<MessageStore, 'getMessages' | 'queue'>;
  readonly topics: { get(topic: string): TopicConfig | undefined };
  readonly groups: {
    find(group: string): SubscriptionGroup | undefined;
    forbidden(group: string, topic: string): number;
  };
  readonly consumers: PullConsumers;
  readonly messageFilters: MessageFilters;
  readonly offsets: PullOffsets;
  readonly holds: PullHolds;
  readonly staticTopics: Pick<StaticTopics, 'get'>;
  readonly logicalOffsets: Pick<LogicalOffsets, 'commitWithPull'>;
  readonly peers: Pick<PeerBrokers, 'ask'>;
  readonly stats: BrokerStats;
  readonly identity: BrokerIdentity;
  readonly logger: Logger;
  settings(): BrokerSettings;
}

export function registerPullHandlers(server: RemotingServer, deps: PullDeps): void {
  const puller = new Puller(deps);
  const handle = (command: Command, connection: Connection): null =>
    puller.handle(command, connection);
  server.register(RequestCode.PullMessage, handle);
  server.register(RequestCode.LitePullMessage, handle);
}

class Puller {
  readonly #deps: PullDeps;
  readonly #scan = new PullMessageScan();
  readonly #answers = new PullAnswers();
  readonly #targets: PullTargets;
  readonly #checks: PullCheckDeps;
  readonly #resume = (pull: Pull): void => {
    try {
      this.#run(pull);
    } catch (error) {
      this.#fail(pull, error);
    }
  };

  constructor(deps: PullDeps) {
    this.#deps = deps;
    const { store, stats, groups, consumers, identity } = deps;
    this.#targets = new PullTargets(store, stats);
    const host = (): string => identity.address.slice(0, identity.address.lastIndexOf(':'));
    this.#checks = { groups, consumers, filters: deps.messageFilters, host };
  }

  handle(command: Command, connection: Connection): null {
    const scan = this.#scan;
    scan.scan(command);
    const mapping = this.#deps.staticTopics.get(scan.topic);
    if (mapping !== null && !scan.isPhysical) {
      return this.#handleLogical(mapping, command, connection);
    }
    this.#run(new Pull(this.#scan, command, connection, this.#resume));
    return null;
  }

  /** A pull from a queue of a static topic: from the part that holds its offset. */
  #handleLogical(mapping: StaticTopic, command: Command, connection: Connection): null {
    const scan = this.#scan;
    const { queueId, sysFlag, commitOffset, consumerGroup } = scan;
    const place = placePull(mapping, scan);
    const pull = new Pull(scan, command, connection, this.#resume);
    if (place === undefined) return this.#refuse(pull, notLeader(mapping, queueId));
    pull.logical = place;
    if ((sysFlag & PullFlag.CommitOffset) !== 0) {
      const by = connection.remoteAddress;
      this.#deps.logicalOffsets.commitWithPull(place.queue, consumerGroup, commitOffset, by);
    }
    if (place.part.brokerName === mapping.brokerName) {
      this.#run(pull);
      return null;
    }
    pull.detach();
    this.#forward(pull, place).catch((error) => this.#fail(pull, error));
    return null;
  }

  /** The part is at another broker: it is read there. */
  async #forward(pull: Pull, place: LogicalPlace): Promise<void> {
    const { brokerName } = place.part;
    const answer = await this.#deps.peers.ask(brokerName, pull.topic, forwardedPull(pull, place));
    this.#refuse(pull, forwardedAnswer(pull, place, answer));
  }

  /** Whether the queue was moved while the pull waited; then it is answered. */
  #isMoved(pull: Pull): boolean {
    if (pull.logical === null || pull.queue === null) return false;
    const { topic } = pull.logical.queue;
    if (this.#deps.staticTopics.get(topic.topic) === topic) return false;
    const code = ResponseCode.PullRetryImmediately;
    this.#answerEmpty(pull, code, GetStatus.NoMatchedMessage, pull.offset, pull.queue);
    return true;
  }

  /** Answers a pull or lets it wait; also when it has waited. */
  #run(pull: Pull): void {
    if (this.#isMoved(pull)) return;
    const { store, offsets, settings } = this.#deps;
    const limits = settings();
    const target = this.#check(pull, limits);
    if (target === null) return;
    const queue = target.queue(pull.queueId);
    pull.queue = queue;
    pull.topicSysFlag = target.topic.topicSysFlag;
    pull.groupSysFlag = target.group.groupSysFlag;
    const reset = limits.useServerSideResetOffset
      ? offsets.takeReset(pull.group, pull.topic, pull.queueId)
      : -1;
    if (reset >= 0) {
      this.#answerEmpty(pull, ResponseCode.PullOffsetMoved, OFFSET_RESET, reset, queue);
      return;
    }
    const count = Math.min(pull.maxMsgNums, limits.maxTransferCountOnMessageInMemory);
    const bytes = limits.maxTransferBytesOnMessageInMemory;
    const wanted = Math.max(1, count);
    const byUnit = pull.filter === null ? null : pull.filter.byConsumeQueue;
    const byRecord = pull.filter === null ? null : pull.filter.byRecord;
    const result = store.getMessages(queue, pull.offset, wanted, bytes, byUnit, byRecord);
    if (result instanceof Promise) {
      result.then(
        (found) => this.#conclude(pull, target, queue, found),
        (error) => this.#fail(pull, error),
      );
    } else this.#conclude(pull, target, queue, result);
  }

  #check(pull: Pull, settings: BrokerSettings): PullTarget | null {
    const { groups, topics } = this.#deps;
    const refused = checkBroker(pull, settings, this.#checks);
    if (refused !== null) return this.#refuse(pull, refused);
    const group = groups.find(pull.group);
    const badGroup = checkGroup(pull, group);
    if (badGroup !== null || group === undefined) return this.#refuse(pull, badGroup);
    const topic = topics.get(pull.topic);
    const badTopic = checkTopic(pull, topic);
    if (badTopic !== null || topic === undefined) return this.#refuse(pull, badTopic);
    const unwanted = checkSubscription(pull, group, settings, this.#checks);
    if (unwanted !== null) return this.#refuse(pull, unwanted);
    return this.#targets.get(topic, group);
  }

  #conclude(pull: Pull, target: PullTarget, queue: QueueHandle, result: GetResult): void {
    const { offsets, stats } = this.#deps;
    const { group, topic, queueId } = pull;
    const code = pullCode(result.status, pull.offset);
    const { nextBeginOffset } = result;
    if (pull.logical !== null && code !== ResponseCode.Success) {
      this.#concludeLogical(pull, pull.logical, code, queue, result);
      return;
    }
    offsets.notePull(group, topic, queueId, nextBeginOffset);
    const first = pull.maySuspend || !pull.has(PullFlag.Suspend);
    if (first && pull.has(PullFlag.CommitOffset)) {
      offsets.commit(group, topic, queueId, pull.commitOffset, pull.connection.remoteAddress);
    }
    if (code === ResponseCode.Success) {
      this.#answerFound(pull, target, result);
      return;
    }
    if (code === ResponseCode.PullNotFound && pull.maySuspend && this.#hold(pull)) return;
    stats.missed();
    this.#answerEmpty(pull, code, result.status, nextBeginOffset, queue);
  }

  #concludeLogical(
    pull: Pull,
    place: LogicalPlace,
    physicalCode: number,
    queue: QueueHandle,
    { status, nextBeginOffset }: GetResult,
  ): void {
    const physical = { next: nextBeginOffset, min: queue.minOffset, max: queue.maxOffset };
    const outcome = logicalOutcome(place, physicalCode, pull.offset, physical);
    const { code, part, ends } = outcome;
    if (code === ResponseCode.PullNotFound && pull.maySuspend && this.#hold(pull)) return;
    this.#deps.stats.missed();
    pull.logical = { queue: place.queue, part };
    this.#answers.empty(pull, code, status, ends.next, ends.min, ends.max);
    pull.connection.finish(pull.command);
  }

  #answerFound(pull: Pull, target: PullTarget, result: GetResult): void {
    const { connection, command } = pull;
    if (connection.congested) {
      // It comes back for the messages as soon as it has read what it got before.
      const { status, minOffset, maxOffset } = result;
      const code = ResponseCode.PullNotFound;
      this.#answers.empty(pull, code, status, pull.offset, minOffset, maxOffset);
      result.release();
    } else {
      target.stats.get(pull.queueId, result.count, result.bytes);
      this.#answers.found(pull, result);
    }
    connection.finish(command);
  }

  #answerEmpty(
    pull: Pull,
    code: number,
    remark: string,
    nextBeginOffset: number,
    queue: QueueHandle,
  ): void {
    const { connection, command } = pull;
    const { minOffset, maxOffset } = queue;
    this.#answers.empty(pull, code, remark, nextBeginOffset, minOffset, maxOffset);
    connection.finish(command);
  }

  /** False when the pull is to be answered now. */
  #hold(pull: Pull): boolean {
    const { holds, settings } = this.#deps;
    if (holds.isClosed) return false;
    const { longPollingEnable, shortPollingTimeMills, heldPullsMax } = settings();
    if (holds.isFull) {
      const remark =
        `[OVERLOAD]broker busy, start flow control for a while. Cause: ${holds.count} pulls ` +
        `wait already, at most ${heldPullsMax} (heldPullsMax).`;
      this.#refuse(pull, { code: ResponseCode.SystemBusy, remark });
      return true;
    }
    pull.maySuspend = false;
    pull.connection.finish(pull.command);
    pull.detach();
    holds.hold(pull, longPollingEnable ? pull.suspendTimeoutMillis : shortPollingTimeMills);
    return true;
  }

  #refuse(pull: Pull, refusal: Outgoing | null): null {
    const { connection, command } = pull;
    if (refusal !== null) connection.respond(command, refusal);
    connection.finish(command);
    return null;
  }

  #fail(pull: Pull, thrown: unknown): void {
    const error = MqError.from(thrown);
    const { topic, queueId, offset } = pull;
    this.#deps.logger.error({ topic, queueId, offset, error }, 'Messages could not be read');
    this.#refuse(pull, { code: ResponseCode.SystemError, remark: error.message });
  }
}
