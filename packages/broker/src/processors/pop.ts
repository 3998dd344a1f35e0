/** Handing messages out without queues of one's own: POP (200050). */
import { type Clock, type Logger, MqError } from '@skylarkmq/base';
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import {
  type Command,
  formatPopMessageOffsets,
  formatPopOrderCounts,
  formatPopStartOffsets,
  type Outgoing,
  PopMessage,
  type PopMessageRequest,
  ResponseCode,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { MessageFilters } from '../filter/message-filters.ts';
import { answerPopped } from '../pop/answer-popped.ts';
import { checkInvisible, checkPop, type PopCheckDeps, popFilter } from '../pop/pop-checks.ts';
import type { HeldPop } from '../pop/pop-holds.ts';
import type { Popped, PopRequest } from '../pop/pop-request.ts';
import type { PopService } from '../pop/pop-service.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';

/** Messages that one request may ask for. RocketMQ: PopMessageProcessor#processRequest */
const MESSAGES_MAX = 32;
/** How much later than its poll time a request may arrive. RocketMQ: PopMessageRequestHeader */
const LATE_MS_MAX = 500;
const NOTHING = 'NO_MESSAGE_IN_QUEUE';

export interface PopDeps extends PopCheckDeps {
  readonly pop: PopService;
  readonly messageFilters: MessageFilters;
  readonly stats: BrokerStats;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function registerPopHandlers(server: RemotingServer, deps: PopDeps): void {
  server.register(PopMessage.code, (command, connection) => {
    const request = PopMessage.request.decode(command.ext);
    const pop = popOf(request, command, connection, deps);
    if (!(pop instanceof Pop)) return pop;
    void pop.run();
    return null;
  });
}

function popOf(
  request: PopMessageRequest,
  command: Command,
  connection: Connection,
  deps: PopDeps,
): Pop | Outgoing {
  const { settings, clock } = deps;
  const { pollTime, invisibleTime, maxMsgNums } = request;
  const nowMs = clock.nowMs();
  const bornTime = request.bornTime > 0 ? request.bornTime : nowMs;
  const host = deps.identity.address;
  if (nowMs - bornTime - pollTime > LATE_MS_MAX) {
    const remark = `the broker[${host}] pop message is timeout too much`;
    return { code: ResponseCode.PollingTimeout, remark };
  }
  if (maxMsgNums > MESSAGES_MAX || maxMsgNums < 1) {
    const remark = `the broker[${host}] pop message's num is ${maxMsgNums}: 1 to ${MESSAGES_MAX}`;
    return { code: ResponseCode.InvalidParameter, remark };
  }
  const tooLong = checkInvisible(invisibleTime, settings());
  if (tooLong !== null) return tooLong;
  const checked = checkPop(request, 'pop', connection.remoteAddress, deps);
  if (checked.refusal !== null) return checked.refusal;
  const filter = filterOf(request, deps);
  if ('code' in filter) return filter;
  const { order = false, consumerGroup: group, topic, queueId, initMode, attemptId = '' } = request;
  const pop: PopRequest = {
    ...{ group, topic, queueId, maxCount: maxMsgNums, invisibleTime, initMode, attemptId },
    ...{ isOrder: order, filter: filter.filter },
  };
  const untilMs = settings().longPollingEnable ? bornTime + pollTime : 0;
  return new Pop(pop, checked.topic, untilMs, command, connection, deps);
}

function filterOf(
  { exp, expType }: PopMessageRequest,
  deps: PopDeps,
): { readonly filter: PopRequest['filter'] } | Outgoing {
  try {
    return { filter: popFilter(exp, expType, deps.messageFilters) };
  } catch (error) {
    const { message } = MqError.from(error);
    const remark = `parse the consumer's subscription failed: ${message}`;
    return { code: ResponseCode.SubscriptionParseFailed, remark };
  }
}

/** One request, which may wait. */
class Pop implements HeldPop {
  readonly connection: Connection;
  readonly #request: PopRequest;
  readonly #topic: TopicConfig;
  readonly #untilMs: number;
  readonly #command: Command;
  readonly #deps: PopDeps;
  #isFinished = false;

  constructor(
    request: PopRequest,
    topic: TopicConfig,
    untilMs: number,
    command: Command,
    connection: Connection,
    deps: PopDeps,
  ) {
    this.#request = request;
    this.#topic = topic;
    this.#untilMs = untilMs;
    this.#command = command;
    this.connection = connection;
    this.#deps = deps;
  }

  get group(): string {
    return this.#request.group;
  }

  get topic(): string {
    return this.#request.topic;
  }

  get queueId(): number {
    return this.#request.queueId;
  }

  get filter(): PopRequest['filter'] {
    return this.#request.filter;
  }

  hasMore(): boolean {
    return this.#deps.pop.popper.hasMore(this.#request, this.#topic);
  }

  resume(isTimeOver: boolean): void {
    void this.run(isTimeOver);
  }

  /** Answers with what there is, or waits. */
  async run(isTimeOver = false): Promise<void> {
    try {
      const popped = await this.#deps.pop.popper.pop(this.#request, this.#topic);
      if (popped.count > 0) this.#answerFound(popped);
      else if (isTimeOver) this.#answerEmpty(popped, ResponseCode.PollingTimeout);
      else this.#wait(popped);
    } catch (thrown) {
      const error = MqError.from(thrown);
      const { group, topic } = this.#request;
      this.#deps.logger.warn({ group, topic, error }, 'Messages could not be popped');
      const code = error.code === 'BUSY' ? ResponseCode.SystemBusy : ResponseCode.SystemError;
      this.#answer({ code, remark: error.message });
    }
  }

  // RocketMQ: PopLongPollingService#polling
  #wait(popped: Popped): void {
    const { pop, clock } = this.#deps;
    const { group, topic } = this.#request;
    const leftMs = this.#untilMs - clock.nowMs();
    if (leftMs <= 0 || pop.holds.isClosed) {
      this.#answerEmpty(popped, ResponseCode.PollingTimeout);
    } else if (pop.holds.isFull(group, topic)) {
      this.#answerEmpty(popped, ResponseCode.PollingFull);
    } else {
      if (!this.#isFinished) {
        // The frame may lie in a big chunk with others.
        this.connection.finish(this.#command);
        this.#command.detach();
        this.#isFinished = true;
      }
      pop.holds.hold(this, leftMs);
    }
  }

  #answerFound(popped: Popped): void {
    const { group, topic } = this.#request;
    const stats = this.#deps.stats.group(topic, group);
    const [first] = popped.messageOffsets;
    stats.get(first?.queueId ?? 0, popped.count, popped.bytes);
    const answer = { code: ResponseCode.Success, remark: 'FOUND', ext: this.#ext(popped) };
    answerPopped(this.connection, this.#command, answer, popped);
    this.#finish();
  }

  #answerEmpty(popped: Popped, code: number): void {
    this.#deps.stats.missed();
    this.#answer({ code, remark: NOTHING, ext: this.#ext(popped) });
  }

  #ext(popped: Popped): Map<string, string> {
    return PopMessage.response.encode({
      popTime: popped.popTime,
      invisibleTime: this.#request.invisibleTime,
      reviveQid: popped.reviveQueueId,
      restNum: popped.rest,
      startOffsetInfo: formatPopStartOffsets(popped.startOffsets),
      msgOffsetInfo: formatPopMessageOffsets(popped.messageOffsets),
      orderCountInfo: formatPopOrderCounts(popped.orderCounts),
    });
  }

  #answer(answer: Outgoing): void {
    this.connection.respond(this.#command, answer);
    this.#finish();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.connection.finish(this.#command);
  }
}
