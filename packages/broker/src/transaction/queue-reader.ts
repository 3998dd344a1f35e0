/** Reads a queue from one offset to another, in order, without holding much of it. */
import { RecordKind, RecordView } from '@skylarkmq/message';
import type { MessageStore, QueueHandle } from '@skylarkmq/store';

const BATCH_MESSAGES = 1024;
const BATCH_BYTES = 1024 * 1024;

/** The view is valid until the visitor returns. */
export type RecordVisitor = (view: RecordView) => void;

/** Offsets that hold nothing any more are passed over. */
export async function readQueue(
  store: Pick<MessageStore, 'getMessages'>,
  queue: QueueHandle,
  from: number,
  to: number,
  visit: RecordVisitor,
): Promise<void> {
  const view = new RecordView();
  let offset = Math.max(from, queue.minOffset);
  while (offset < to) {
    const wanted = Math.min(BATCH_MESSAGES, to - offset);
    const found = await store.getMessages(queue, offset, wanted, BATCH_BYTES, null);
    for (const slice of found.slices) {
      for (let at = 0; at < slice.length; at += view.totalSize) {
        if (view.at(slice, at) !== RecordKind.Record) break;
        visit(view);
      }
    }
    found.release();
    if (found.nextBeginOffset <= offset) return;
    offset = found.nextBeginOffset;
  }
}
