import { decodeProperties, isLmq, PropertyName, type RecordView } from '@skylarkmq/message';
import {
  LIGHT_QUEUE_ID,
  LIGHT_QUEUES_PER_MESSAGE_MAX,
  mayDispatchToMany,
} from '../commit-log/multi-dispatch.ts';
import type { QueueTable } from '../consume-queue/queue-table.ts';

const OFFSET = /^\d{1,15}$/;

/** Restores the units of the light queues that a record names. RocketMQ: MultiDispatchUtils */
export function redispatchMulti(queues: QueueTable, view: RecordView, tagsCode: number): void {
  const { buffer } = view;
  const topic = buffer.toString('utf8', view.topicStart, view.topicEnd);
  if (!mayDispatchToMany(topic)) return;
  const properties = decodeProperties(buffer, view.propertiesStart, view.propertiesEnd);
  const names = (properties.get(PropertyName.InnerMultiDispatch) ?? '').split(',');
  const offsets = (properties.get(PropertyName.InnerMultiQueueOffset) ?? '').split(',');
  if (names.length !== offsets.length || names.length > LIGHT_QUEUES_PER_MESSAGE_MAX) return;
  for (const [i, name] of names.entries()) {
    const offset = offsets[i] ?? '';
    if (!isLmq(name) || !queues.isSafe(name) || !OFFSET.test(offset)) continue;
    const queue = queues.get(name, LIGHT_QUEUE_ID);
    queue.restore(Number(offset), view.physicalOffset, view.totalSize, tagsCode);
  }
}
