/** Waits until a group is through with a topic, or says where it is. */
import { AssertionError } from 'node:assert';
import { MqError, type Scheduler } from '@skylarkmq/base';
import type { BrokerView } from '@skylarkmq/broker';
import {
  decodeRecords,
  isRetryTopic,
  PropertyName,
  popRetryTopic,
  retryTopic,
  SystemTopic,
} from '@skylarkmq/message';
import { decodeConsumerStatus, GetConsumerStatusFromClient, ResponseCode } from '@skylarkmq/wire';

export interface ConsumptionDeps {
  /** Real time: consumers may be on real time. */
  readonly scheduler: Pick<Scheduler, 'after' | 'immediate'>;
  view(): Promise<BrokerView>;
}

const WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 10;
/** How long a member may take to say where it is. */
const ASK_TIMEOUT_MS = 1_000;
const READ_COUNT = 1_000;
const READ_BYTES = 4 * 1024 * 1024;

export class Consumption {
  readonly #deps: ConsumptionDeps;

  constructor(deps: ConsumptionDeps) {
    this.#deps = deps;
  }

  async waitUntilConsumed(group: string, topic: string, within: number = WITHIN_MS): Promise<void> {
    const { scheduler, view } = this.#deps;
    let late = false;
    const timer = scheduler.after(within, () => {
      late = true;
    });
    try {
      for (;;) {
        const isLast = late;
        const left = await openOf(await view(), group, topic);
        if (left.length === 0) return;
        if (isLast) throw failure(group, topic, within, left);
        await new Promise<void>((resolve) => scheduler.after(LOOK_AGAIN_MS, resolve));
      }
    } finally {
      timer.cancel();
    }
  }
}

/** What a group still has to do for a topic, a line each. */
async function openOf(view: BrokerView, group: string, topic: string): Promise<string[]> {
  const lines: string[] = [];
  const retries = [retryTopic(group), popRetryTopic(group, topic), popRetryTopic(group, topic, 2)];
  let isKnown = false;
  for (const one of [topic, ...new Set(retries)]) {
    const queues = [...view.store.queues()].filter((queue) => queue.topic === one);
    const behind = queues.filter(
      ({ queueId, minOffset, maxOffset }) =>
        maxOffset > minOffset && view.offsets.query(group, one, queueId) < maxOffset,
    );
    if (one === topic) isKnown = queues.length > 0 || view.topics.get(topic) !== undefined;
    if (behind.length === 0) continue;
    const told = await askMembers(view, group, one);
    for (const { queueId, minOffset, maxOffset } of behind) {
      const committed = view.offsets.query(group, one, queueId);
      const offset = Math.max(committed, told.get(queueId) ?? -1);
      if (offset >= maxOffset) continue;
      const at = offset < 0 ? 'has not begun' : `is at ${offset}`;
      lines.push(`queue ${queueId} of ${one}: ${at}, messages from ${minOffset} to ${maxOffset}`);
    }
  }
  if (!isKnown) lines.push(`topic ${topic} does not exist`);
  const waiting = await waitingRetries(view, group, topic);
  if (waiting > 0) {
    lines.push(`${waiting} wait for their next retry: with virtualTime, advance it`);
  }
  if (lines.length > 0 && view.consumers.group(group) === undefined) {
    lines.push('no consumer of the group is online');
  }
  return lines;
}

/** What consumers have done and not committed yet: queue id to offset. */
async function askMembers(
  view: BrokerView,
  group: string,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const furthest = new Map<number, number>();
  const ext = GetConsumerStatusFromClient.request.encode({ topic, group });
  const request = { code: GetConsumerStatusFromClient.code, ext };
  for (const connection of view.consumers.group(group)?.clients.keys() ?? []) {
    try {
      const answer = await connection.invoke(request, { timeoutMs: ASK_TIMEOUT_MS });
      if (answer.code !== ResponseCode.Success) continue;
      for (const { queue, offset } of decodeConsumerStatus(answer.body)) {
        furthest.set(queue.queueId, Math.max(offset, furthest.get(queue.queueId) ?? -1));
      }
    } catch (thrown) {
      // One that is just leaving has committed what it did.
      if (!MqError.from(thrown).retryable) throw thrown;
    }
  }
  return furthest;
}

/** Messages of the topic that wait in the delay queues to be given to the group again. */
async function waitingRetries(view: BrokerView, group: string, topic: string): Promise<number> {
  const { store, delayOffsets } = view;
  let count = 0;
  for (const queue of [...store.queues()].filter((one) => one.topic === SystemTopic.Schedule)) {
    let offset = Math.max(queue.minOffset, delayOffsets.get(queue.queueId + 1));
    const end = queue.maxOffset;
    while (offset < end) {
      const result = await store.getMessages(queue, offset, READ_COUNT, READ_BYTES, null);
      for (const slice of result.slices) {
        for (const { properties } of decodeRecords(Buffer.from(slice))) {
          if (isRetryOf(properties, group, topic)) count++;
        }
      }
      result.release();
      if (result.nextBeginOffset <= offset) break;
      offset = result.nextBeginOffset;
    }
  }
  return count;
}

function isRetryOf(properties: ReadonlyMap<string, string>, group: string, topic: string): boolean {
  const target = properties.get(PropertyName.RealTopic) ?? '';
  if (!isRetryTopic(target) || target !== retryTopic(group)) return false;
  return (properties.get(PropertyName.RetryTopic) ?? topic) === topic;
}

function failure(
  group: string,
  topic: string,
  within: number,
  lines: readonly string[],
): AssertionError {
  const head = `Group ${group} is not through with topic ${topic} after ${within} ms:`;
  const message = [head, ...lines.map((line) => `  ${line}`)].join('\n');
  return new AssertionError({ message, operator: 'waitUntilConsumed' });
}
