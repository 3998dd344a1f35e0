/**
 * Which groups want a message by SQL92, as bits that its queue keeps: pulls of the others pass over
 * it without a look at the message. RocketMQ: CommitLogDispatcherCalcBitMap
 */
import type { BitMapOf } from '@skylarkmq/store';
import { setBits } from './bloom-filter.ts';
import type { ConsumerFilters } from './consumer-filters.ts';
import type { MessageFilters } from './message-filters.ts';

/** Nobody looked: readers look themselves. */
const NO_BITS: Uint8Array = new Uint8Array(0);

export interface FilterBitMapsDeps {
  readonly consumerFilters: Pick<ConsumerFilters, 'bits' | 'ofTopic'>;
  readonly messageFilters: Pick<MessageFilters, 'matches'>;
  readonly enableCalcFilterBitMap: boolean;
}

/** What `MessageStore#extendQueues` is given. */
export function filterBitMaps(deps: FilterBitMapsDeps): BitMapOf {
  const { consumerFilters, messageFilters, enableCalcFilterBitMap } = deps;
  return (topic, buffer, start, end) => {
    const wanted = enableCalcFilterBitMap ? consumerFilters.ofTopic(topic) : undefined;
    if (wanted === undefined) return NO_BITS;
    const map = new Uint8Array(consumerFilters.bits / 8);
    for (const filter of wanted.values()) {
      if (messageFilters.matches(filter, buffer, start, end)) {
        setBits(map, filter.bloomFilterData.bitPos);
      }
    }
    return map;
  };
}
