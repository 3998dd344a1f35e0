/** Shows the units of a ConsumeQueue. */

import { RecordKind, RecordView } from '@skylarkmq/message';
import type { RemotingServer } from '@skylarkmq/remoting';
import type { QueueHandle } from '@skylarkmq/store';
import {
  type ConsumeQueueUnit,
  encodeConsumeQueuePart,
  type Outgoing,
  QueryConsumeQueue,
  ResponseCode,
  type SubscriptionData,
} from '@skylarkmq/wire';
import type { ProgressAdminDeps } from './progress-deps.ts';
import { systemError } from './refusal.ts';

const UNITS_MAX = 1024;
const READ_BYTES = 1024 * 1024;

export function registerConsumeQueueHandlers(
  server: RemotingServer,
  deps: ProgressAdminDeps,
): void {
  server.register(QueryConsumeQueue.code, async (command): Promise<Outgoing> => {
    const request = QueryConsumeQueue.request.decode(command.ext);
    const { topic, queueId, index, count, consumerGroup } = request;
    const queue = deps.store.findQueue(topic, queueId);
    const isKnown = queueId < (deps.topics.get(topic)?.readQueueNums ?? 0);
    if (queue === undefined && !isKnown) return systemError(`${queueId}@${topic} is not exist!`);
    const subscription =
      consumerGroup === undefined ? undefined : deps.consumers.subscription(consumerGroup, topic);
    const wanted = Math.min(Math.max(0, count), UNITS_MAX);
    const units =
      queue === undefined ? [] : await readUnits(queue, index, wanted, subscription, deps);
    const remark = units.length > 0 ? null : `Index ${index} of ${queueId}@${topic} is not exist!`;
    const body = encodeConsumeQueuePart({
      minQueueIndex: queue?.minOffset ?? 0,
      maxQueueIndex: queue?.maxOffset ?? 0,
      units,
      subscription,
    });
    return { code: ResponseCode.Success, remark, body };
  });
}

/** The store shows records and their tags codes: together they are what a unit says. */
async function readUnits(
  queue: QueueHandle,
  from: number,
  count: number,
  subscription: SubscriptionData | undefined,
  { store }: ProgressAdminDeps,
): Promise<ConsumeQueueUnit[]> {
  const units: ConsumeQueueUnit[] = [];
  const view = new RecordView();
  let offset = Math.max(from, queue.minOffset);
  while (units.length < count && offset < queue.maxOffset) {
    const codes: number[] = [];
    const note = (tagsCode: number): boolean => codes.push(tagsCode) > 0;
    const found = await store.getMessages(queue, offset, count - units.length, READ_BYTES, note);
    let record = 0;
    for (const slice of found.slices) {
      for (let at = 0; at < slice.length; at += view.totalSize) {
        if (view.at(slice, at) !== RecordKind.Record) break;
        const tagsCode = codes[record++] ?? 0;
        units.push({
          physicOffset: view.physicalOffset,
          physicSize: view.totalSize,
          tagsCode: BigInt(tagsCode),
          eval: subscription !== undefined && isWanted(subscription, tagsCode),
        });
      }
    }
    found.release();
    if (found.nextBeginOffset <= offset) break;
    offset = found.nextBeginOffset;
  }
  return units;
}

function isWanted({ subString, codeSet }: SubscriptionData, tagsCode: number): boolean {
  return subString === '*' || codeSet.length === 0 || codeSet.includes(tagsCode);
}
