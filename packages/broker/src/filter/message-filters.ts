/** Makes the filters of consumers, each once and not once per request. */
import { type Logger, MqError, MqErrorCode } from '@skylarkmq/base';
import { PropertyName } from '@skylarkmq/message';
import type { RecordFilter, TagsCodeFilter } from '@skylarkmq/store';
import type { SubscriptionData } from '@skylarkmq/wire';
import { mayBeSet } from './bloom-filter.ts';
import type { ConsumerFilter, ConsumerFilters } from './consumer-filters.ts';
import type { MessageFilter } from './message-filter.ts';
import { RecordProperties } from './record-properties.ts';
import { parseSql } from './sql-parser.ts';
import { isTagType, TagFilters } from './tag-filters.ts';
import { Truth } from './truth.ts';

const SQL92 = 'SQL92';
/** Compiled expressions that are kept; beyond that all are made again. */
const COMPILED_MAX = 4096;

/** An expression as a filter of records. */
interface Compiled {
  readonly byRecord: RecordFilter;
  /** What stands behind its end. */
  readonly ignored: string;
}

export interface MessageFiltersDeps {
  readonly logger: Logger;
  /** What groups want, with the bits that stand for them in the extensions of queues. */
  readonly consumerFilters: Pick<ConsumerFilters, 'find'>;
}

export class MessageFilters {
  readonly #deps: MessageFiltersDeps;
  readonly #tags = new TagFilters();
  readonly #properties = new RecordProperties();
  readonly #retryTopic = this.#properties.variable(PropertyName.RetryTopic);
  readonly #bySubscription = new WeakMap<SubscriptionData, MessageFilter>();
  readonly #compiled = new Map<string, Compiled>();

  constructor(deps: MessageFiltersDeps) {
    this.#deps = deps;
  }

  /**
   * The filter of a subscription that a heartbeat of the group brought; null for all messages.
   * INVALID_ARGUMENT when its expression is wrong; the message says where.
   */
  of(subscription: SubscriptionData, group: string): MessageFilter | null {
    const known = this.#bySubscription.get(subscription);
    if (known !== undefined) return known;
    const { topic, subString, expressionType, classFilterMode } = subscription;
    let filter: MessageFilter;
    if (isTagType(expressionType)) {
      const byConsumeQueue = this.#tags.of(subscription);
      if (byConsumeQueue === null) return null;
      filter = { byConsumeQueue, byRecord: null };
    } else if (classFilterMode) return null;
    else {
      const { byRecord, ignored } = this.#compile(subString, expressionType);
      if (ignored !== '') {
        const fields = { group, topic, expression: subString, ignored };
        this.#deps.logger.warn(fields, 'The end of an SQL92 expression is not looked at');
      }
      const bits = this.#deps.consumerFilters.find(topic, group);
      filter = { byConsumeQueue: bits === undefined ? null : byBits(bits), byRecord };
    }
    this.#bySubscription.set(subscription, filter);
    return filter;
  }

  /**
   * The filter of an expression that came with a request: tags with `||` between, or SQL92.
   * INVALID_ARGUMENT when it is wrong; the message says where.
   */
  parse(expression: string, expressionType: string): MessageFilter | null {
    if (!isTagType(expressionType)) {
      const { byRecord } = this.#compile(expression, expressionType);
      return { byConsumeQueue: null, byRecord };
    }
    const byConsumeQueue = this.#tags.parse(expression);
    return byConsumeQueue === null ? null : { byConsumeQueue, byRecord: null };
  }

  /** The filter of a group's retry topic: by the expressions of the topics that messages left. */
  // RocketMQ: ExpressionForRetryMessageFilter#isMatchedByCommitLog
  ofRetries(group: string): MessageFilter {
    const byRecord: RecordFilter = (buffer, start, end) => {
      this.#properties.load(buffer, start, end);
      const topic = this.#retryTopic.value;
      const filter = topic === null ? undefined : this.#deps.consumerFilters.find(topic, group);
      if (filter === undefined) return true;
      return this.#compile(filter.expression, filter.expressionType).byRecord(buffer, start, end);
    };
    return { byConsumeQueue: null, byRecord };
  }

  /** Whether an expression matches a record; false, too, when the expression is wrong. */
  matches(filter: ConsumerFilter, buffer: Buffer, start: number, end: number): boolean {
    try {
      const { byRecord } = this.#compile(filter.expression, filter.expressionType);
      return byRecord(buffer, start, end);
    } catch (error) {
      if (MqError.from(error).code === MqErrorCode.InvalidArgument) return false;
      throw error;
    }
  }

  #compile(expression: string, expressionType: string): Compiled {
    if (expressionType !== SQL92) {
      const type = JSON.stringify(expressionType);
      const message = `There is no filter of the type ${type}; use TAG or SQL92`;
      throw new MqError(MqErrorCode.InvalidArgument, message);
    }
    const known = this.#compiled.get(expression);
    if (known !== undefined) return known;
    const properties = this.#properties;
    const { condition, ignored } = parseSql(expression, properties);
    const byRecord: RecordFilter = (buffer, start, end) => {
      properties.load(buffer, start, end);
      return condition() === Truth.Yes;
    };
    const compiled = { byRecord, ignored };
    if (this.#compiled.size >= COMPILED_MAX) this.#compiled.clear();
    this.#compiled.set(expression, compiled);
    return compiled;
  }
}

/** What the broker found when it stored a message spares looking at the message again. */
// RocketMQ: ExpressionMessageFilter#isMatchedByConsumeQueue
function byBits({ bornTime, bloomFilterData: { bitNum, bitPos } }: ConsumerFilter): TagsCodeFilter {
  return (_tagsCode, extension) => {
    if (extension === undefined || extension.storeTimestamp <= bornTime) return true;
    if (extension.bitMap.length * 8 !== bitNum) return true;
    return mayBeSet(extension.bitMap, bitPos);
  };
}
