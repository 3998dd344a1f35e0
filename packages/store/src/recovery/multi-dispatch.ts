import { decodeProperties, PropertyName, type RecordView } from '@skylarkmq/message';
import type { QueueTable } from '../consume-queue/queue-table.ts';

/** Queues that one message may be dispatched to besides its own. */
const QUEUES_MAX = 1024;
/** What a topic must not begin with. RocketMQ: MultiDispatch#isNeedHandleMultiDispatch */
const EXCLUDED = ['%RETRY%', 'rmq_sys_', 'SCHEDULE_TOPIC_XXXX'];
const LMQ_QUEUE_ID = 0;

/** Restores the units of the light queues that a record names. RocketMQ: MultiDispatchUtils */
export function redispatchMulti(queues: QueueTable, view: RecordView, tagsCode: number): void {
  const { buffer } = view;
  const topic = buffer.toString('utf8', view.topicStart, view.topicEnd);
  if (EXCLUDED.some((prefix) => topic.startsWith(prefix))) return;
  const properties = decodeProperties(buffer, view.propertiesStart, view.propertiesEnd);
  const names = (properties.get(PropertyName.InnerMultiDispatch) ?? '').split(',');
  const offsets = (properties.get(PropertyName.InnerMultiQueueOffset) ?? '').split(',');
  if (names.length !== offsets.length || names.length > QUEUES_MAX) return;
  for (const [i, name] of names.entries()) {
    const offset = Number(offsets[i]);
    if (name === '' || name.includes('/') || !Number.isSafeInteger(offset) || offset < 0) continue;
    queues.get(name, LMQ_QUEUE_ID).restore(offset, view.physicalOffset, view.totalSize, tagsCode);
  }
}
