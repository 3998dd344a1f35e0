import type { ConsumerRunningState } from '../consumer/consumer-member.ts';
import type { OffsetStore } from '../consumer/offset-store.ts';
import { queueState } from '../consumer/queue-state.ts';
import type { PopEngine } from './pop-engine.ts';
import type { ResolvedPushOptions } from './push-consumer-options.ts';
import type { PushEngine } from './push-engine.ts';

/** What a push consumer tells tools about itself. */
export function runningState(
  engine: PushEngine,
  offsets: OffsetStore,
  options: ResolvedPushOptions,
  startedAtMs: number,
): ConsumerRunningState {
  const { consumeFrom } = options;
  return {
    properties: new Map([
      ['PROP_CONSUME_TYPE', 'CONSUME_PASSIVELY'],
      ['PROP_CONSUMEORDERLY', String(options.ordered)],
      ['PROP_THREADPOOL_CORE_SIZE', '1'],
      ['PROP_CONSUMER_START_TIMESTAMP', String(startedAtMs)],
      ['messageModel', options.model.toUpperCase()],
      ['consumeFromWhere', typeof consumeFrom === 'string' ? consumeFrom : 'timestamp'],
      ['allocateMessageQueueStrategy', options.allocation.name],
      ['maxReconsumeTimes', String(options.maxReconsumeTimes ?? -1)],
      ['pullBatchSize', String(options.pullBatchSize)],
    ]),
    queues: engine.assigned
      .processQueues()
      .map((processQueue) =>
        queueState(processQueue, offsets, engine.locks?.isHeld(processQueue.queue) ?? false),
      ),
    topics: engine.statistics.snapshot(),
  };
}

/** What a push consumer that pops tells tools about itself. */
export function popRunningState(
  engine: PopEngine,
  options: ResolvedPushOptions,
  startedAtMs: number,
): ConsumerRunningState {
  return {
    properties: new Map([
      ['PROP_CONSUME_TYPE', 'CONSUME_PASSIVELY'],
      ['PROP_CONSUMEORDERLY', 'false'],
      ['PROP_THREADPOOL_CORE_SIZE', '1'],
      ['PROP_CONSUMER_START_TIMESTAMP', String(startedAtMs)],
      ['messageModel', 'CLUSTERING'],
      ['consumeFromWhere', String(options.consumeFrom)],
      ['maxReconsumeTimes', String(options.maxReconsumeTimes ?? -1)],
      ['clientRebalance', 'false'],
      ['popInvisibleTime', String(options.popInvisibleMs)],
      ['popBatchNums', String(options.popBatchSize)],
      ['popThresholdForQueue', String(options.popUnsettledMax)],
    ]),
    queues: [],
    popQueues: engine
      .loops()
      .map(({ queue, unsettled, lastPopAtMs }) => ({ queue, unsettled, lastPopAtMs })),
    topics: engine.statistics.snapshot(),
  };
}
