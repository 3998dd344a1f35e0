/**
 * The handlers of an application by topic. A consumer has one filter for a topic, so the filters of
 * a topic's handlers become one, and which handlers want a message is decided by its tag.
 */
import { MqError, MqErrorCode, type SubscriptionOptions } from '@skylarkmq/client';
import { type MessagePattern, parsePattern } from './pattern.ts';

/** A handler with its pattern as Nest has it. */
export interface Entry<Handler> {
  readonly text: string;
  readonly pattern: MessagePattern;
  readonly handler: Handler;
}

/** What the table needs to know of a handler. */
export interface HandlerKind {
  readonly isEventHandler?: boolean;
}

/** See the head of this file. */
export class HandlerTable<Handler extends HandlerKind> {
  readonly #byTopic = new Map<string, Entry<Handler>[]>();

  constructor(handlers: Iterable<readonly [string, Handler]>) {
    for (const [text, handler] of handlers) {
      const pattern = parsePattern(text);
      const entries = this.#byTopic.get(pattern.topic) ?? [];
      entries.push({ text, pattern, handler });
      this.#byTopic.set(pattern.topic, entries);
    }
    for (const [topic, entries] of this.#byTopic) checkFilters(topic, entries);
  }

  /** One for each topic. */
  subscriptions(): readonly SubscriptionOptions[] {
    return [...this.#byTopic].map(([topic, entries]) => {
      const sql = entries[0]?.pattern.sql;
      if (sql !== undefined) return { topic, sql };
      const tags = new Set<string>();
      for (const { pattern } of entries) {
        if (pattern.tags === undefined) return { topic };
        for (const tag of pattern.tags) tags.add(tag);
      }
      return { topic, tags: [...tags] };
    });
  }

  /** The handlers of events that want a message. */
  events(topic: string, tag: string | undefined): readonly Entry<Handler>[] {
    return this.#matching(topic, tag).filter(({ handler }) => handler.isEventHandler === true);
  }

  /** The handler of requests: the one for the tag comes before the one for the topic. */
  request(topic: string, tag: string | undefined): Entry<Handler> | undefined {
    const all = this.#matching(topic, tag).filter(({ handler }) => handler.isEventHandler !== true);
    return all.find(({ pattern }) => pattern.tags !== undefined) ?? all[0];
  }

  #matching(topic: string, tag: string | undefined): readonly Entry<Handler>[] {
    const entries = this.#byTopic.get(topic) ?? [];
    return entries.filter(
      ({ pattern: { tags } }) => tags === undefined || (tag !== undefined && tags.includes(tag)),
    );
  }
}

function checkFilters<Handler>(topic: string, entries: readonly Entry<Handler>[]): void {
  const sql = entries.filter((entry) => entry.pattern.sql !== undefined);
  if (sql.length === 0 || entries.length === 1) return;
  throw new MqError(
    MqErrorCode.InvalidArgument,
    `Topic ${topic} has ${entries.length} handlers, of which one selects with SQL: a group has ` +
      'one filter for a topic. Use tags, or a second server with another group',
  );
}
