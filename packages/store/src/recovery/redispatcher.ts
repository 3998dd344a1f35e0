/** Puts records that a scan found into queues and index again. Doing it twice changes nothing. */
import { PropertyScan, SystemFlag } from '@skylarkmq/message';
import { collectKeys, type KeySink } from '../commit-log/index-keys.ts';
import { tagsCodeOf } from '../commit-log/tags-code-of.ts';
import type { QueueTable } from '../consume-queue/queue-table.ts';
import type { IndexService } from '../index/index-service.ts';
import { redispatchMulti } from './multi-dispatch.ts';
import type { RecordVerifier } from './record-verifier.ts';

export interface RedispatcherDeps {
  readonly queues: QueueTable;
  readonly index: IndexService | null;
  /** Holds the view of the record at hand. */
  readonly verifier: RecordVerifier;
  readonly delayLevelsMs: readonly number[];
  /** Records before this offset are in their queues already. */
  readonly queuesFrom: number;
}

export class Redispatcher implements KeySink {
  /** Records that were dispatched. */
  count = 0;
  /** Units that were missing before a restored one: their records were not found. */
  missingUnits = 0;
  readonly #deps: RedispatcherDeps;
  readonly #scan: PropertyScan = new PropertyScan();

  constructor(deps: RedispatcherDeps) {
    this.#deps = deps;
  }

  /** Dispatches the record that the verifier checked last. */
  dispatch(): void {
    const { queues, index, verifier, delayLevelsMs, queuesFrom } = this.#deps;
    const { view } = verifier;
    const { buffer, physicalOffset, totalSize, storeTimestamp, sysFlag } = view;
    const topicName = buffer.toString('utf8', view.topicStart, view.topicEnd);
    const queue = queues.get(topicName, view.queueId);
    const { topicInfo } = queue;
    const scan = this.#scan;
    scan.scan(buffer, view.propertiesStart, view.propertiesEnd);
    const transaction = sysFlag & SystemFlag.TransactionMask;
    const unqueued =
      transaction === SystemFlag.TransactionPrepared ||
      transaction === SystemFlag.TransactionRollback;
    this.count += 1;
    if (!unqueued && physicalOffset >= queuesFrom) {
      const tagsCode = tagsCodeOf(buffer, scan, topicInfo, storeTimestamp, delayLevelsMs);
      const { queueOffset } = view;
      this.missingUnits += queue.restore(queueOffset, physicalOffset, totalSize, tagsCode);
      if (scan.innerMultiDispatchStart >= 0) redispatchMulti(queues, view, tagsCode);
    }
    if (index === null || transaction === SystemFlag.TransactionRollback) return;
    index.beginRecord(physicalOffset, storeTimestamp);
    collectKeys(buffer, scan, topicInfo, this);
  }

  /**
   * Keeps the place of a damaged record, when it looks like the next one of its queue: consumers
   * may have had it, so another message must not get the same offset.
   */
  reserve(): void {
    const { queues, verifier } = this.#deps;
    const { view } = verifier;
    const topic = view.buffer.toString('utf8', view.topicStart, view.topicEnd);
    const queue = queues.find(topic, view.queueId);
    if (queue === undefined || queue.isUnknown || queue.maxOffset !== view.queueOffset) return;
    queue.restore(view.queueOffset, view.physicalOffset, view.totalSize, 0);
  }

  pushKey(hash: number): void {
    this.#deps.index?.put(hash);
  }
}
