import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { ConsumerMember } from '../consumer/consumer-member.ts';
import type { ResolvedSimpleOptions } from './simple-consumer-options.ts';

/**
 * A simple consumer as its client instance sees it: it is announced, and has nothing to do when
 * members come and go, since members share no queues.
 */
export function simpleMember(options: ResolvedSimpleOptions, startedAtMs: number): ConsumerMember {
  const { batchSize, consumeFrom, group, invisibleMs, ordered, subscriptions } = options;
  return {
    group,
    kind: 'pop',
    broadcasting: false,
    consumeFrom,
    subscriptions: () => subscriptions,
    membersChanged: () => {},
    routeChanged: () => {},
    // The offsets are the broker's: it resets them itself.
    resetOffsets: () => Promise.resolve(),
    offsetsOf: () => [],
    runningInfo: () => ({
      properties: new Map([
        ['PROP_CONSUME_TYPE', 'CONSUME_POP'],
        ['PROP_CONSUMEORDERLY', String(ordered)],
        ['PROP_THREADPOOL_CORE_SIZE', '1'],
        ['PROP_CONSUMER_START_TIMESTAMP', String(startedAtMs)],
        ['messageModel', 'CLUSTERING'],
        ['popInvisibleTime', String(invisibleMs)],
        ['popBatchNums', String(batchSize)],
      ]),
      queues: [],
      topics: new Map(),
    }),
    consumeDirectly: () =>
      Promise.reject(
        new MqError(MqErrorCode.Unsupported, 'A simple consumer has no handler for a message'),
      ),
  };
}
