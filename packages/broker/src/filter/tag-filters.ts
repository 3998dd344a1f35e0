/** Filters by tag, made once per subscription and not once per pull. */
import { javaHashCode, MqError, MqErrorCode } from '@skylarkmq/base';
import type { TagsCodeFilter } from '@skylarkmq/store';
import type { SubscriptionData } from '@skylarkmq/wire';

const EVERYTHING = '*';
const TAG = 'TAG';
/** Filters that came with pulls and not with heartbeats; beyond that all are made again. */
const PARSED_MAX = 1024;

/** Null lets everything through. */
export type TagFilter = TagsCodeFilter | null;

export class TagFilters {
  readonly #bySubscription = new WeakMap<SubscriptionData, { readonly filter: TagFilter }>();
  readonly #byText = new Map<string, TagFilter>();

  /** The filter of a subscription that a heartbeat brought. */
  of(subscription: SubscriptionData): TagFilter {
    const known = this.#bySubscription.get(subscription);
    if (known !== undefined) return known.filter;
    const { subString, codeSet, classFilterMode } = subscription;
    // RocketMQ: ExpressionMessageFilter#isMatchedByConsumeQueue
    const all = classFilterMode || subString === EVERYTHING || subString === '';
    const filter = all ? null : filterOf(codeSet);
    this.#bySubscription.set(subscription, { filter });
    return filter;
  }

  /** The filter of tags with `||` between. INVALID_ARGUMENT when there is no tag in it. */
  parse(text: string): TagFilter {
    if (text === '' || text === EVERYTHING) return null;
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const tags = text.split('||').map((tag) => tag.trim());
    const codes = tags.filter((tag) => tag !== '').map((tag) => javaHashCode(tag));
    if (codes.length === 0) {
      throw new MqError(MqErrorCode.InvalidArgument, `There is no tag in ${JSON.stringify(text)}`);
    }
    const filter = filterOf(codes);
    if (this.#byText.size >= PARSED_MAX) this.#byText.clear();
    this.#byText.set(text, filter);
    return filter;
  }
}

/** Whether a subscription is by tag and not by SQL92. RocketMQ: ExpressionType#isTagType */
export function isTagType(expressionType: string): boolean {
  return expressionType === '' || expressionType === TAG;
}

function filterOf(codes: readonly number[]): TagsCodeFilter {
  const [only] = codes;
  if (codes.length === 1 && only !== undefined) return (tagsCode) => (tagsCode | 0) === only;
  const set = new Set(codes);
  // The queue may hold 64 bits (a time of delivery); Java compares the low 32.
  return (tagsCode) => set.has(tagsCode | 0);
}
