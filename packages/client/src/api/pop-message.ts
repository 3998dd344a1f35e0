import {
  decodeRecords,
  formatPopHandle,
  type MessageQueue,
  type PopHandle,
  PopTopicKind,
  PropertyName,
  parsePopHandle,
  popRealTopic,
  type StoredMessage,
} from '@skylarkmq/message';
import {
  type Command,
  type Outgoing,
  PopInitMode,
  PopMessage,
  type PopMessageResponse,
  parsePopMessageOffsets,
  parsePopOrderCounts,
  parsePopStartOffsets,
  ResponseCode,
} from '@skylarkmq/wire';
import type { Subscription } from '../consumer/subscription.ts';
import type { Requester } from '../instance/requester.ts';
import type { Popped } from '../pop/popped.ts';
import { responseError } from './expect-success.ts';

/** What to take, and for how long. */
export interface PopArguments {
  /** Queue -1: any queue of the broker. */
  readonly queue: MessageQueue;
  readonly subscription: Subscription;
  /** 1 to 32. */
  readonly max: number;
  readonly invisibleMs: number;
  /** How long the broker may hold the request while there is nothing; 0 for not at all. */
  readonly holdMs: number;
  /** Where a group starts that has no offset. */
  readonly from: 'first' | 'last';
  readonly ordered: boolean;
  /** The same for a repetition of an ordered request whose answer was lost. */
  readonly attemptId?: string | undefined;
}

/** What a broker gave. */
export interface PopResult {
  readonly messages: readonly Popped[];
  /** The broker holds too many requests already: this one was not held. */
  readonly full: boolean;
}

const NOTHING: PopResult = { messages: [], full: false };
/** What the request takes besides the time that the broker may hold it, milliseconds. */
// RocketMQ: DefaultMQPushConsumerImpl#popMessage (timeout of the request)
const POP_EXTRA_MS = 10_000;

/** Takes messages of a topic at one broker. */
// RocketMQ: MQClientAPIImpl#popMessageAsync, #processPopResponse
export async function popMessages(
  requester: Requester,
  address: string,
  group: string,
  args: PopArguments,
  signal?: AbortSignal,
): Promise<PopResult> {
  const { queue, subscription } = args;
  const ext = PopMessage.request.encode({
    consumerGroup: group,
    topic: queue.topic,
    queueId: queue.queueId,
    maxMsgNums: args.max,
    invisibleTime: args.invisibleMs,
    pollTime: args.holdMs,
    // The broker's own clock: a request from a clock that differs would count as expired.
    bornTime: 0,
    initMode: args.from === 'first' ? PopInitMode.Min : PopInitMode.Max,
    expType: subscription.expressionType,
    exp: subscription.expression,
    order: args.ordered,
    attemptId: args.attemptId,
    bname: queue.brokerName,
  });
  const outgoing = { code: PopMessage.code, ext };
  return askForPop(requester, address, outgoing, {
    ...{ holdMs: args.holdMs, signal, what: `The pop of ${queue.topic}` },
    read: (answer) => poppedOf(answer, group, args),
  });
}

/** How a pop is asked for, whatever it takes. */
interface PopQuestion {
  readonly holdMs: number;
  readonly signal: AbortSignal | undefined;
  /** What was refused, for the error's text. */
  readonly what: string;
  /** The messages of an answer that has some. */
  read(answer: Command): readonly Popped[];
}

/** Makes a request that the broker may hold, and reads what it says of messages. */
export async function askForPop(
  requester: Requester,
  address: string,
  outgoing: Outgoing,
  { holdMs, read, signal, what }: PopQuestion,
): Promise<PopResult> {
  const timeoutMs = holdMs + POP_EXTRA_MS;
  const how = signal === undefined ? { timeoutMs } : { timeoutMs, signal };
  const answer = await requester.request(address, outgoing, how);
  switch (answer.code) {
    case ResponseCode.Success:
      return { messages: read(answer), full: false };
    case ResponseCode.PollingTimeout:
    case ResponseCode.PullNotFound:
      return NOTHING;
    case ResponseCode.PollingFull:
      return { messages: [], full: true };
    default:
      throw responseError(answer, what);
  }
}

function poppedOf(answer: Command, group: string, args: PopArguments): readonly Popped[] {
  if (answer.body === null) return [];
  const header = PopMessage.response.decode(answer.ext);
  const receipts = new Receipts(header, group, args);
  return decodeRecords(answer.body).map((message) => receipts.popped(message));
}

/** Puts the receipts together from what the answer says beside the messages. */
class Receipts {
  readonly #header: PopMessageResponse;
  readonly #group: string;
  readonly #args: PopArguments;
  readonly #starts = new Map<string, number>();
  readonly #offsets = new Map<string, readonly number[]>();
  readonly #counts = new Map<string, number>();
  /** Messages of each queue that were looked at. */
  readonly #seen = new Map<string, number>();

  constructor(header: PopMessageResponse, group: string, args: PopArguments) {
    this.#header = header;
    this.#group = group;
    this.#args = args;
    for (const { kind, queueId, startOffset } of parsePopStartOffsets(header.startOffsetInfo)) {
      this.#starts.set(placeKey(kind, queueId), startOffset);
    }
    for (const { kind, queueId, offsets } of parsePopMessageOffsets(header.msgOffsetInfo)) {
      this.#offsets.set(placeKey(kind, queueId), offsets);
    }
    for (const one of parsePopOrderCounts(header.orderCountInfo)) {
      this.#counts.set(placeKey(one.kind, one.queueId, one.queueOffset), one.count);
    }
  }

  popped(message: StoredMessage): Popped {
    const handle = this.#handle(message);
    const { topicKind: kind, queueId, queueOffset } = handle;
    const counted =
      this.#counts.get(placeKey(kind, queueId, queueOffset)) ??
      this.#counts.get(placeKey(kind, queueId)) ??
      0;
    const properties = new Map(message.properties);
    properties.set(PropertyName.PopCheckpoint, formatPopHandle(handle));
    if (!properties.has(PropertyName.FirstPopTime)) {
      properties.set(PropertyName.FirstPopTime, String(handle.popTime));
    }
    const reconsumeTimes = Math.max(message.reconsumeTimes, this.#args.ordered ? counted : 0);
    const { topic } = this.#args.queue;
    return { message: { ...message, properties }, topic, reconsumeTimes, handle };
  }

  /** A message from the retry topic carries its receipt; the others' are made of the answer. */
  #handle(message: StoredMessage): PopHandle {
    const given = message.properties.get(PropertyName.PopCheckpoint);
    if (given !== undefined) return parsePopHandle(given);
    const { brokerName } = this.#args.queue;
    const kind = this.#kindOf(message.topic);
    const { queueId, queueOffset } = message;
    const key = placeKey(kind, queueId);
    const nth = this.#seen.get(key) ?? 0;
    this.#seen.set(key, nth + 1);
    // Old brokers name no start: then it is the first message of the queue.
    const startOffset = this.#starts.get(key) ?? queueOffset;
    if (!this.#starts.has(key)) this.#starts.set(key, queueOffset);
    return {
      startOffset,
      popTime: this.#header.popTime,
      invisibleTime: this.#header.invisibleTime,
      reviveQueueId: this.#header.reviveQid,
      topicKind: kind,
      brokerName,
      queueId,
      queueOffset: this.#offsets.get(key)?.[nth] ?? queueOffset,
    };
  }

  #kindOf(topic: string): PopTopicKind {
    const subscribed = this.#args.queue.topic;
    if (topic === subscribed) return PopTopicKind.Normal;
    const second = popRealTopic(PopTopicKind.RetryV2, this.#group, subscribed);
    return topic === second ? PopTopicKind.RetryV2 : PopTopicKind.RetryV1;
  }
}

function placeKey(kind: PopTopicKind, queueId: number, queueOffset?: number): string {
  return queueOffset === undefined ? `${kind} ${queueId}` : `${kind} ${queueId} ${queueOffset}`;
}
