/** Where a group goes on in a queue: what it committed, or where a new group begins. */
import { isRetryTopic } from '@skylarkmq/message';
import type { MessageStore, QueueHandle } from '@skylarkmq/store';
import { PopInitMode } from '@skylarkmq/wire';
import type { ConsumerOffsets } from '../offset/consumer-offsets.ts';
import type { BrokerSettings } from '../settings.ts';
import type { PopQueue } from './flight.ts';
import type { OrderInfos } from './order-infos.ts';

/**
 * A new group that wants the end begins at 0 while the queue's first message is not farther from
 * the end of the log than this. RocketMQ: 40 % of the memory; here a fixed size.
 */
const YOUNG_QUEUE_BYTES = 2 * 1024 * 1024 * 1024;
const COMMITTED_BY = 'pop';

export interface PopOffsetsDeps {
  readonly store: Pick<MessageStore, 'maxPhysicalOffset' | 'minPhysicalOffset'>;
  readonly offsets: ConsumerOffsets;
  readonly orders: OrderInfos;
  /** An administrator set a queue back: what the logs say of it is over. */
  wasReset(): void;
  settings(): Pick<BrokerSettings, 'initPopOffsetByCheckMsgInMem' | 'useServerSideResetOffset'>;
}

export class PopOffsets {
  readonly #deps: PopOffsetsDeps;

  constructor(deps: PopOffsetsDeps) {
    this.#deps = deps;
  }

  /** Next offset to hand out, after resets by administrators. */
  // RocketMQ: PopMessageProcessor#getPopOffset
  next(queue: PopQueue, initMode: number): number {
    const { offsets, orders } = this.#deps;
    const { group, topic, queueId } = queue;
    if (this.#deps.settings().useServerSideResetOffset) {
      const reset = offsets.takeReset(group, topic, queueId);
      if (reset >= 0) {
        orders.remove(group, topic, queueId);
        queue.offset = reset;
        this.commit(queue, reset);
        this.#deps.wasReset();
      }
    }
    if (queue.offset < 0) {
      const committed = offsets.query(group, topic, queueId);
      queue.offset = committed >= 0 ? committed : this.#first(queue, initMode);
    }
    return queue.offset;
  }

  /** Next offset as far as it is known without a pop: for what is left. */
  peek(queue: PopQueue): number {
    if (queue.offset >= 0) return queue.offset;
    const committed = this.#deps.offsets.query(queue.group, queue.topic, queue.queueId);
    return committed >= 0 ? committed : queue.handle.minOffset;
  }

  commit(queue: PopQueue, offset: number): void {
    const { group, topic, queueId } = queue;
    this.#deps.offsets.commit(group, topic, queueId, offset, COMMITTED_BY);
  }

  /** Never back: later pops may have committed already. */
  commitForward(queue: PopQueue, offset: number): void {
    const { group, topic, queueId } = queue;
    if (offset > this.#deps.offsets.query(group, topic, queueId)) this.commit(queue, offset);
  }

  // RocketMQ: PopMessageProcessor#getInitOffset
  #first(queue: PopQueue, initMode: number): number {
    const { handle } = queue;
    if (initMode === PopInitMode.Min || isRetryTopic(queue.topic)) return handle.minOffset;
    const first = this.#isYoung(handle) ? 0 : Math.max(0, handle.maxOffset - 1);
    this.commit(queue, first);
    return first;
  }

  #isYoung(handle: QueueHandle): boolean {
    const { store, settings } = this.#deps;
    if (!settings().initPopOffsetByCheckMsgInMem || handle.minOffset > 0) return false;
    return store.maxPhysicalOffset - store.minPhysicalOffset <= YOUNG_QUEUE_BYTES;
  }
}
