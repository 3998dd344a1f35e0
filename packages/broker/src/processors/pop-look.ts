/** Looking without taking: PEEK (200052), NOTIFICATION (200054), POLLING_INFO (200055). */
import { type Clock, MqError } from '@skylarkmq/base';
import type { Connection, RemotingServer } from '@skylarkmq/remoting';
import type { MessageStore } from '@skylarkmq/store';
import {
  type Command,
  formatPopMessageOffsets,
  formatPopStartOffsets,
  Notification,
  type Outgoing,
  PeekMessage,
  PollingInfo,
  ResponseCode,
  type TopicConfig,
} from '@skylarkmq/wire';
import type { MessageFilter } from '../filter/message-filter.ts';
import type { MessageFilters } from '../filter/message-filters.ts';
import type { ConsumerOffsets } from '../offset/consumer-offsets.ts';
import { checkPop, type PopCheckDeps, popFilter } from '../pop/pop-checks.ts';
import type { HeldPop } from '../pop/pop-holds.ts';
import type { PopRequest } from '../pop/pop-request.ts';
import type { PopService } from '../pop/pop-service.ts';
import { queueOffsetsOf } from '../pop/popped-records.ts';

const MESSAGES_MAX = 32;

export interface PopLookDeps extends PopCheckDeps {
  readonly pop: PopService;
  readonly messageFilters: MessageFilters;
  readonly store: Pick<MessageStore, 'getMessages' | 'queue'>;
  readonly offsets: Pick<ConsumerOffsets, 'query'>;
  readonly clock: Clock;
}

export function registerPopLookHandlers(server: RemotingServer, deps: PopLookDeps): void {
  server.register(PeekMessage.code, (command, connection) => peek(command, connection, deps));
  server.register(Notification.code, (command, connection) => notify(command, connection, deps));
  server.register(PollingInfo.code, (command, connection) => {
    const request = PollingInfo.request.decode(command.ext);
    const checked = checkPop(request, 'peeking', connection.remoteAddress, deps);
    if (checked.refusal !== null) return checked.refusal;
    const pollingNum = deps.pop.holds.waiting(request.consumerGroup, request.topic);
    return { code: ResponseCode.Success, ext: PollingInfo.response.encode({ pollingNum }) };
  });
}

// RocketMQ: PeekMessageProcessor#processRequest
async function peek(
  command: Command,
  connection: Connection,
  deps: PopLookDeps,
): Promise<Outgoing> {
  const request = PeekMessage.request.decode(command.ext);
  const checked = checkPop(request, 'peeking', connection.remoteAddress, deps);
  if (checked.refusal !== null) return checked.refusal;
  const { topicName, readQueueNums } = checked.topic;
  const bytes = deps.settings().maxTransferBytesOnMessageInMemory;
  const first = Math.max(0, request.queueId);
  const end = request.queueId >= 0 ? first + 1 : readQueueNums;
  const records: Buffer[] = [];
  const starts = [];
  const offsets = [];
  let left = Math.min(MESSAGES_MAX, request.maxMsgNums);
  let restNum = 0;
  for (let queueId = first; queueId < end; queueId++) {
    const queue = deps.store.queue(topicName, queueId);
    const known = deps.offsets.query(request.consumerGroup, topicName, queueId);
    const offset = known >= 0 ? known : queue.minOffset;
    restNum += Math.max(0, queue.maxOffset - offset);
    if (left <= 0 || queue.maxOffset <= offset) continue;
    const found = await deps.store.getMessages(queue, offset, left, bytes, null);
    const taken = queueOffsetsOf(found.slices, topicName);
    for (const slice of found.slices) records.push(Buffer.from(slice));
    found.release();
    left -= taken.length;
    restNum -= taken.length;
    if (taken.length === 0) continue;
    starts.push({ kind: '0' as const, queueId, startOffset: offset });
    offsets.push({ kind: '0' as const, queueId, offsets: taken });
  }
  const ext = PeekMessage.response.encode({
    ...{ popTime: deps.clock.nowMs(), invisibleTime: 0, reviveQid: 0, restNum },
    startOffsetInfo: formatPopStartOffsets(starts),
    msgOffsetInfo: formatPopMessageOffsets(offsets),
  });
  if (records.length > 0) {
    return { code: ResponseCode.Success, remark: 'FOUND', ext, body: Buffer.concat(records) };
  }
  return { code: ResponseCode.PullNotFound, remark: 'NO_MESSAGE_IN_QUEUE', ext };
}

// RocketMQ: NotificationProcessor#processRequest
function notify(command: Command, connection: Connection, deps: PopLookDeps): Outgoing | null {
  const request = Notification.request.decode(command.ext);
  const checked = checkPop(request, 'notification', connection.remoteAddress, deps);
  if (checked.refusal !== null) return checked.refusal;
  let filter: MessageFilter | null;
  try {
    filter = popFilter(request.exp, request.expType, deps.messageFilters);
  } catch (error) {
    const { message } = MqError.from(error);
    const remark = `parse the consumer's subscription failed: ${message}`;
    return { code: ResponseCode.SubscriptionParseFailed, remark };
  }
  const { consumerGroup: group, topic, queueId, order = false, attemptId = '' } = request;
  const pop: PopRequest = {
    ...{ group, topic, queueId, attemptId, filter, isOrder: order },
    ...{ maxCount: 1, invisibleTime: 0, initMode: 0 },
  };
  const waiting = new Waiting(pop, checked.topic, command, connection, deps);
  if (waiting.hasMore()) return told(true, false);
  const bornTime = request.bornTime > 0 ? request.bornTime : deps.clock.nowMs();
  const leftMs = bornTime + request.pollTime - deps.clock.nowMs();
  const { holds } = deps.pop;
  if (leftMs <= 0 || holds.isClosed) return told(false, false);
  if (holds.isFull(group, topic)) return told(false, true);
  connection.finish(command);
  command.detach();
  holds.hold(waiting, leftMs);
  return null;
}

function told(hasMsg: boolean, pollingFull: boolean): Outgoing {
  const ext = Notification.response.encode({ hasMsg, pollingFull });
  return { code: ResponseCode.Success, ext };
}

/** A request to be told of messages. */
class Waiting implements HeldPop {
  readonly connection: Connection;
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
  readonly filter: MessageFilter | null;
  readonly #request: PopRequest;
  readonly #topic: TopicConfig;
  readonly #command: Command;
  readonly #deps: PopLookDeps;

  constructor(
    request: PopRequest,
    topic: TopicConfig,
    command: Command,
    connection: Connection,
    deps: PopLookDeps,
  ) {
    this.connection = connection;
    this.group = request.group;
    this.topic = request.topic;
    this.queueId = request.queueId;
    this.filter = request.filter;
    this.#request = request;
    this.#topic = topic;
    this.#command = command;
    this.#deps = deps;
  }

  hasMore(): boolean {
    return this.#deps.pop.popper.hasMore(this.#request, this.#topic);
  }

  resume(isTimeOver: boolean): void {
    this.connection.respond(this.#command, told(!isTimeOver, false));
  }
}
