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
import { checkInvisible, checkPop, type PopCheckDeps, popFilter } from '../pop/pop-checks.ts';
import type { PopRequest } from '../pop/pop-request.ts';
import type { PopService } from '../pop/pop-service.ts';
import type { BrokerStats } from '../stats/broker-stats.ts';
import {
  isTooLate,
  POP_MESSAGES_MAX,
  type PopWork,
  pollsUntilMs,
  WaitingPop,
} from './waiting-pop.ts';

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
    if (!(pop instanceof WaitingPop)) return pop;
    void pop.run();
    return null;
  });
}

function popOf(
  request: PopMessageRequest,
  command: Command,
  connection: Connection,
  deps: PopDeps,
): WaitingPop | Outgoing {
  const { settings, clock } = deps;
  const { invisibleTime, maxMsgNums } = request;
  const nowMs = clock.nowMs();
  const host = deps.identity.address;
  if (isTooLate(request, nowMs)) {
    const remark = `the broker[${host}] pop message is timeout too much`;
    return { code: ResponseCode.PollingTimeout, remark };
  }
  if (maxMsgNums > POP_MESSAGES_MAX || maxMsgNums < 1) {
    const wanted = `${maxMsgNums}: 1 to ${POP_MESSAGES_MAX}`;
    const remark = `the broker[${host}] pop message's num is ${wanted}`;
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
  const untilMs = settings().longPollingEnable ? pollsUntilMs(request, nowMs) : 0;
  const work = workOf(pop, checked.topic, deps);
  return new WaitingPop(work, untilMs, command, connection, deps);
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

function workOf(request: PopRequest, topic: TopicConfig, { pop }: PopDeps): PopWork {
  return {
    ...{ group: request.group, topic: request.topic },
    ...{ queueId: request.queueId, filter: request.filter },
    take: () => pop.popper.pop(request, topic),
    hasMore: () => pop.popper.hasMore(request, topic),
    extOf: (popped) =>
      PopMessage.response.encode({
        popTime: popped.popTime,
        invisibleTime: request.invisibleTime,
        reviveQid: popped.reviveQueueId,
        restNum: popped.rest,
        startOffsetInfo: formatPopStartOffsets(popped.startOffsets),
        msgOffsetInfo: formatPopMessageOffsets(popped.messageOffsets),
        orderCountInfo: formatPopOrderCounts(popped.orderCounts),
      }),
  };
}
