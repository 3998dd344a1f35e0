/**
 * Pops messages of 1 KiB and acknowledges them, one by one or in batches: the broker's CPU for a
 * message, and how long a pop with its acknowledgement takes. Groups take turns on the same
 * messages, which every server still has in memory, so that nothing is sent meanwhile.
 * tsx bench/pop.ts --ns ADDRESS --broker ADDRESS --pid PID[,PID] [--batch 32] [--warm S] [--dur S]
 *   [--invisible MS]
 */
import { MqError, realClock, realScheduler, silentLogger } from '@skylarkmq/base';
import { Admin, Producer } from '@skylarkmq/client';
import { formatPopHandle, type MessageQueue } from '@skylarkmq/message';
import { RemotingClient } from '@skylarkmq/remoting';
import {
  AckMessage,
  type Command,
  encodeBatchAckBody,
  type Outgoing,
  PopMessage,
  type PopMessageOffsets,
  parsePopMessageOffsets,
  parsePopStartOffsets,
  RequestCode,
  ResponseCode,
} from '@skylarkmq/wire';
import { makeTopic, measureLanes, printFigures, readTask, type Task } from './generator.ts';

const task = readTask({ batch: 32, invisible: 60_000 });
const BATCH = task.number('batch');
const INVISIBLE_MS = task.number('invisible');
const QUEUES = 4;
/** In the topic: some 20 MB. */
const MESSAGES = 20_000;
const SEND_BATCH = 50;
/** Consumers that pop at a time. */
const CONSUMERS = 8;
const TIMEOUT_MS = 120_000;
const BROKER_NAME = 'broker-a';
const BODY = Buffer.alloc(1024, 'x');

/** Messages of one queue that came with one pop. */
interface Part {
  readonly place: PopMessageOffsets;
  readonly startOffset: number;
  readonly popTime: number;
  readonly reviveQueueId: number;
}

/** A group takes each message of the topic once. */
interface Group {
  readonly name: string;
  taken: number;
}

async function filledTopic({ namesrv }: Task): Promise<string> {
  await using admin = new Admin({ namesrv });
  const topic = await makeTopic(admin, 'pop', QUEUES);
  await using producer = new Producer({ namesrv, requestTimeoutMs: TIMEOUT_MS });
  const batch = Array.from({ length: SEND_BATCH }, () => ({ topic, body: BODY }));
  const queues = await admin.queues(topic);
  const send = async (queue: MessageQueue): Promise<void> => {
    try {
      await producer.sendBatch(batch, { queue });
    } catch (error) {
      // Apache refuses what waited for 200 ms, which a busy machine is enough for.
      if (!(error instanceof MqError && error.retryable)) throw error;
      await send(queue);
    }
  };
  for (let sent = 0; sent < MESSAGES; sent += SEND_BATCH * QUEUES) {
    await Promise.all(queues.map(send));
  }
  return topic;
}

class Consumer {
  readonly #client: RemotingClient;
  readonly #topic: string;
  #groups = 0;
  #group: Group;

  constructor(client: RemotingClient, topic: string) {
    this.#client = client;
    this.#topic = topic;
    this.#group = this.#nextGroup();
  }

  /** How many messages it got and acknowledged. */
  async take(): Promise<number> {
    const group = this.#group;
    const ext = PopMessage.request.encode({
      ...{ consumerGroup: group.name, topic: this.#topic, queueId: -1, maxMsgNums: BATCH },
      ...{ invisibleTime: INVISIBLE_MS, pollTime: 0, bornTime: Date.now() },
      ...{ initMode: 0, order: false },
    });
    const answer = await this.#ask({ code: PopMessage.code, ext });
    if (answer.code !== ResponseCode.Success) return 0;
    const found = PopMessage.response.decode(answer.ext);
    const starts = parsePopStartOffsets(found.startOffsetInfo);
    const { popTime, reviveQid: reviveQueueId } = found;
    const parts = parsePopMessageOffsets(found.msgOffsetInfo).map((place) => {
      const start = starts.find((one) => one.kind === place.kind && one.queueId === place.queueId);
      return { place, startOffset: start?.startOffset ?? 0, popTime, reviveQueueId };
    });
    const count = parts.reduce((sum, { place }) => sum + place.offsets.length, 0);
    group.taken += count;
    if (group === this.#group && group.taken >= MESSAGES) this.#group = this.#nextGroup();
    if (BATCH === 1) for (const part of parts) await this.#acknowledge(group, part);
    else await this.#acknowledgeAll(group, parts);
    return count;
  }

  #nextGroup(): Group {
    return { name: `${this.#topic}-${this.#groups++}`, taken: 0 };
  }

  async #acknowledge(group: Group, { place, startOffset, ...part }: Part): Promise<void> {
    const { kind: topicKind, queueId, offsets } = place;
    for (const offset of offsets) {
      const extraInfo = formatPopHandle({
        ...{ startOffset, invisibleTime: INVISIBLE_MS, topicKind, ...part },
        ...{ brokerName: BROKER_NAME, queueId, queueOffset: offset },
      });
      const names = { consumerGroup: group.name, topic: this.#topic };
      const ext = AckMessage.request.encode({ ...names, queueId, extraInfo, offset });
      await this.#succeed({ code: AckMessage.code, ext });
    }
  }

  async #acknowledgeAll(group: Group, parts: readonly Part[]): Promise<void> {
    const acks = parts.map(({ place, startOffset, popTime, reviveQueueId }) => ({
      ...{ consumerGroup: group.name, topic: this.#topic, topicKind: place.kind, startOffset },
      ...{ queueId: place.queueId, reviveQueueId, popTime, invisibleTime: INVISIBLE_MS },
      offsetDiffs: place.offsets.map((offset) => offset - startOffset),
    }));
    const body = encodeBatchAckBody({ brokerName: BROKER_NAME, acks });
    await this.#succeed({ code: RequestCode.BatchAckMessage, ext: new Map(), body });
  }

  async #succeed(request: Outgoing): Promise<void> {
    const answer = await this.#ask(request);
    if (answer.code === ResponseCode.Success) return;
    throw new Error(`Request ${request.code} was answered with ${answer.code}: ${answer.remark}`);
  }

  #ask(request: Outgoing): Promise<Command> {
    return this.#client.invoke(task.broker, request, { timeoutMs: TIMEOUT_MS });
  }
}

const ports = { clock: realClock, scheduler: realScheduler, logger: silentLogger };
const client = new RemotingClient(ports);
const consumer = new Consumer(client, await filledTopic(task));
printFigures(await measureLanes(task, `pop-${BATCH}`, CONSUMERS, () => consumer.take()));
await client.close();
