/**
 * What consumer groups want by SQL92, kept in Apache's config/consumerFilter.json: a broker that
 * starts again knows them before the consumers come back, and so does Apache's broker on the same
 * files. RocketMQ: ConsumerFilterManager
 */
import {
  type Clock,
  type JsonFile,
  type JsonInputObject,
  type JsonValue,
  jsonArray,
  jsonNumber,
  jsonNumberOr,
  jsonObject,
  jsonObjectOr,
  jsonString,
  type Logger,
  type Scheduler,
} from '@skylarkmq/base';
import type { SubscriptionData } from '@skylarkmq/wire';
import { TableFile } from '../persistence/table-file.ts';
import type { BrokerSettings } from '../settings.ts';
import { BloomFilter, type BloomFilterData } from './bloom-filter.ts';
import { isTagType } from './tag-filters.ts';

/** RocketMQ: ConsumerFilterManager saves every 10 s. */
const SAVE_PERIOD_MS = 10_000;
/** After a start a group counts as gone for so long, until it comes back. */
const GONE_AT_START_MS = 30_000;
/** Expressions beyond this are filtered by, but not kept. */
const FILTERS_MAX = 100_000;

/** What a group wants of a topic. An object stays the same while the expression does. */
export interface ConsumerFilter {
  readonly topic: string;
  readonly consumerGroup: string;
  readonly expression: string;
  readonly expressionType: string;
  /** Since when, by the wall clock: messages stored later know whether they match. */
  readonly bornTime: number;
  readonly bloomFilterData: BloomFilterData;
  /** Version of the subscription. */
  clientVersion: number;
  /** When the group's last consumer left; 0 while there is one. */
  deadTime: number;
}

export interface ConsumerFiltersDeps {
  /** Null keeps them in memory only. */
  readonly file: JsonFile | null;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  settings(): Pick<
    BrokerSettings,
    'expectConsumerNumUseFilter' | 'filterDataCleanTimeSpan' | 'maxErrorRateOfBloomFilter'
  >;
}

export class ConsumerFilters {
  readonly #deps: ConsumerFiltersDeps;
  readonly #file: TableFile;
  readonly #topics = new Map<string, Map<string, ConsumerFilter>>();
  readonly #bloom: BloomFilter;
  #count = 0;

  constructor(deps: ConsumerFiltersDeps) {
    this.#deps = deps;
    const { maxErrorRateOfBloomFilter, expectConsumerNumUseFilter } = deps.settings();
    this.#bloom = new BloomFilter(maxErrorRateOfBloomFilter, expectConsumerNumUseFilter);
    this.#file = new TableFile({
      file: deps.file,
      content: () => this.json(),
      periodMs: () => SAVE_PERIOD_MS,
      scheduler: deps.scheduler,
      logger: deps.logger,
    });
  }

  /** Bits of a map over all groups. */
  get bits(): number {
    return this.#bloom.bits;
  }

  /** Reads the file, if there is one. CORRUPT when it has not the form of Apache's. */
  // RocketMQ: ConsumerFilterManager#decode
  load(): void {
    const root = jsonObjectOr(this.#deps.file?.load(), 'consumerFilter');
    const table = jsonObjectOr(root.get('filterDataByTopic'), 'filterDataByTopic');
    const goneMs = this.#deps.clock.nowMs() - GONE_AT_START_MS;
    for (const [topic, value] of table) {
      const groups = jsonObject(value, topic).get('groupFilterData');
      for (const [group, data] of jsonObjectOr(groups, 'groupFilterData')) {
        const filter = decodeFilter(data, topic, group);
        // Made for other settings: its bits would mean other groups. The consumers bring it again.
        if (filter.bloomFilterData.bitNum !== this.#bloom.bits) continue;
        if (filter.deadTime === 0) filter.deadTime = Math.max(goneMs, filter.bornTime);
        this.#set(filter);
      }
    }
  }

  find(topic: string, group: string): ConsumerFilter | undefined {
    return this.#topics.get(topic)?.get(group);
  }

  /** All that is wanted of a topic by SQL92; undefined when nothing is. */
  ofTopic(topic: string): ReadonlyMap<string, ConsumerFilter> | undefined {
    return this.#topics.get(topic);
  }

  /** Takes a group's subscriptions in; `isRight` says whether an expression can be used. */
  // RocketMQ: ConsumerFilterManager#register
  register(
    group: string,
    subscriptions: readonly SubscriptionData[],
    isRight: (subscription: SubscriptionData) => boolean,
  ): void {
    const topics = new Set<string>();
    for (const subscription of subscriptions) {
      if (isTagType(subscription.expressionType)) continue;
      topics.add(subscription.topic);
      this.#take(group, subscription, isRight);
    }
    for (const filters of this.#topics.values()) {
      const filter = filters.get(group);
      if (filter !== undefined && !topics.has(filter.topic)) this.#die(filter);
    }
  }

  /** The group's last consumer left. */
  unregister(group: string): void {
    for (const filters of this.#topics.values()) {
      const filter = filters.get(group);
      if (filter !== undefined) this.#die(filter);
    }
  }

  /** The content of the file, without what nobody wanted for long. */
  json(): JsonInputObject {
    this.#clean();
    const filterDataByTopic = new Map<string, JsonInputObject>();
    for (const [topic, filters] of this.#topics) {
      const groupFilterData = new Map<string, JsonInputObject>();
      for (const [group, filter] of filters) groupFilterData.set(group, filterJson(filter));
      filterDataByTopic.set(topic, { groupFilterData, topic });
    }
    return { filterDataByTopic };
  }

  close(): void {
    this.#file.close();
  }

  #take(
    group: string,
    subscription: SubscriptionData,
    isRight: (subscription: SubscriptionData) => boolean,
  ): void {
    const { topic, subString, expressionType, subVersion } = subscription;
    const known = this.find(topic, group);
    if (known !== undefined && subVersion <= known.clientVersion) {
      if (subVersion === known.clientVersion) this.#revive(known);
      return;
    }
    const isSame = known?.expression === subString && known.expressionType === expressionType;
    if (isSame && known !== undefined) {
      known.clientVersion = subVersion;
      this.#revive(known);
      this.#file.changed();
    } else if (isRight(subscription)) {
      if (known === undefined && this.#count >= FILTERS_MAX) return;
      this.#set({
        ...{ topic, consumerGroup: group, expression: subString, expressionType },
        bloomFilterData: this.#bloom.positions(`${group}#${topic}`),
        bornTime: this.#deps.clock.nowMs(),
        clientVersion: subVersion,
        deadTime: 0,
      });
      this.#file.changed();
    } else if (known !== undefined) this.#remove(known);
  }

  #set(filter: ConsumerFilter): void {
    const filters = this.#topics.get(filter.topic) ?? new Map<string, ConsumerFilter>();
    if (!filters.has(filter.consumerGroup)) this.#count += 1;
    this.#topics.set(filter.topic, filters.set(filter.consumerGroup, filter));
  }

  #remove({ topic, consumerGroup }: ConsumerFilter): void {
    const filters = this.#topics.get(topic);
    if (filters?.delete(consumerGroup) !== true) return;
    this.#count -= 1;
    if (filters.size === 0) this.#topics.delete(topic);
    this.#file.changed();
  }

  #die(filter: ConsumerFilter): void {
    if (filter.deadTime !== 0) return;
    filter.deadTime = this.#deps.clock.nowMs();
    this.#file.changed();
  }

  #revive(filter: ConsumerFilter): void {
    if (filter.deadTime === 0) return;
    filter.deadTime = 0;
    this.#file.changed();
  }

  // RocketMQ: ConsumerFilterManager#clean
  #clean(): void {
    const limitMs = this.#deps.clock.nowMs() - this.#deps.settings().filterDataCleanTimeSpan;
    for (const filters of [...this.#topics.values()]) {
      for (const filter of [...filters.values()]) {
        if (filter.deadTime !== 0 && filter.deadTime <= limitMs) this.#remove(filter);
      }
    }
  }
}

function filterJson(filter: ConsumerFilter): JsonInputObject {
  const { bloomFilterData, bornTime, clientVersion, consumerGroup, deadTime } = filter;
  const { bitNum, bitPos } = bloomFilterData;
  const { expression, expressionType, topic } = filter;
  return {
    bloomFilterData: { bitNum, bitPos: [...bitPos] },
    bornTime,
    clientVersion,
    consumerGroup,
    dead: deadTime >= bornTime,
    deadTime,
    expression,
    expressionType,
    topic,
  };
}

function decodeFilter(value: JsonValue, topic: string, consumerGroup: string): ConsumerFilter {
  const object = jsonObject(value, 'consumer filter');
  const bloom = jsonObjectOr(object.get('bloomFilterData'), 'bloomFilterData');
  const bitPos = bloom.get('bitPos') ?? [];
  return {
    topic,
    consumerGroup,
    expression: jsonString(object.get('expression'), 'expression'),
    expressionType: jsonString(object.get('expressionType'), 'expressionType'),
    bornTime: jsonNumberOr(object.get('bornTime'), 'bornTime', 0),
    bloomFilterData: {
      bitNum: jsonNumberOr(bloom.get('bitNum'), 'bitNum', 0),
      bitPos: jsonArray(bitPos, 'bitPos').map((bit) => jsonNumber(bit, 'bitPos')),
    },
    clientVersion: jsonNumberOr(object.get('clientVersion'), 'clientVersion', 0),
    deadTime: jsonNumberOr(object.get('deadTime'), 'deadTime', 0),
  };
}
