/**
 * Notices members of a group that subscribe differently. The group's queues are shared among all
 * members whatever they want: a message that comes to a member that does not want it is lost for
 * those who do.
 */
import type { Logger } from '@skylarkmq/base';
import type { Connection } from '@skylarkmq/remoting';
import type { ConsumerData } from '@skylarkmq/wire';
import type { ClientChannel } from './client-channel.ts';

/** Characters of a subscription that an explanation shows. */
const SHOWN_CHARS_MAX = 200;

/** Two members that do not want the same. */
export interface Disagreement {
  readonly group: string;
  readonly clientId: string;
  readonly other: string;
  /** What they disagree about, with both wishes. */
  readonly about: string;
}

interface Wish {
  readonly clientId: string;
  /** Name of what is wished to how: type, model, and an expression for each topic. */
  readonly parts: ReadonlyMap<string, string>;
}

export class SubscriptionGuard {
  readonly #logger: Logger;
  readonly #groups = new Map<string, Map<Connection, Wish>>();
  /** Group to what was reported of it last. */
  readonly #reported = new Map<string, Disagreement>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Groups whose members do not agree now. */
  get inconsistentGroups(): number {
    return this.#reported.size;
  }

  /** What the members of a group disagree about; undefined when they agree. */
  disagreement(group: string): Disagreement | undefined {
    return this.#reported.get(group);
  }

  /** Compares what a member wants with what the others do, and takes nothing in. */
  check(data: ConsumerData, client: ClientChannel): Disagreement | undefined {
    return this.#differenceFrom(data.groupName, client, wishOf(data, client));
  }

  /** Takes a member's wishes in. */
  register(data: ConsumerData, client: ClientChannel): void {
    const group = data.groupName;
    const wishes = this.#groups.get(group) ?? new Map<Connection, Wish>();
    this.#groups.set(group, wishes.set(client.connection, wishOf(data, client)));
    this.#report(group);
  }

  remove(group: string, connection: Connection): void {
    const wishes = this.#groups.get(group);
    if (wishes?.delete(connection) !== true) return;
    if (wishes.size === 0) this.#groups.delete(group);
    this.#report(group);
  }

  /** Says once that a group disagrees, and about what; and once that it agrees again. */
  #report(group: string): void {
    const before = this.#reported.get(group);
    const now = this.#disagreementOf(group);
    if (now === undefined) {
      if (before === undefined) return;
      this.#reported.delete(group);
      this.#logger.info({ group }, 'The members of a consumer group subscribe alike again');
      return;
    }
    this.#reported.set(group, now);
    if (before?.about === now.about) return;
    this.#logger.warn(
      { ...now },
      'Members of a consumer group subscribe differently: some messages reach nobody',
    );
  }

  #disagreementOf(group: string): Disagreement | undefined {
    const [first, ...rest] = this.#groups.get(group)?.values() ?? [];
    if (first === undefined) return undefined;
    for (const other of rest) {
      const about = difference(first, other);
      if (about === '') continue;
      return { group, clientId: first.clientId, other: other.clientId, about };
    }
    return undefined;
  }

  #differenceFrom(group: string, client: ClientChannel, wish: Wish): Disagreement | undefined {
    for (const [connection, other] of this.#groups.get(group) ?? []) {
      if (connection === client.connection) continue;
      const about = difference(wish, other);
      if (about === '') continue;
      return { group, clientId: wish.clientId, other: other.clientId, about };
    }
    return undefined;
  }
}

function wishOf(data: ConsumerData, { clientId }: ClientChannel): Wish {
  const parts = new Map([
    ['consumeType', data.consumeType],
    ['messageModel', data.messageModel],
  ]);
  for (const { topic, subString, expressionType } of data.subscriptionDataSet) {
    const type = expressionType === '' ? 'TAG' : expressionType;
    parts.set(`topic ${topic}`, `${type} ${subString === '' ? '*' : subString}`);
  }
  return { clientId, parts };
}

/** The first part that differs, with both forms; empty when there is none. */
function difference(one: Wish, other: Wish): string {
  for (const [name, wanted] of one.parts) {
    const otherWanted = other.parts.get(name);
    if (wanted !== otherWanted) return described(name, wanted, otherWanted);
  }
  for (const [name, wanted] of other.parts) {
    if (!one.parts.has(name)) return described(name, undefined, wanted);
  }
  return '';
}

function described(name: string, one: string | undefined, other: string | undefined): string {
  return `${name}: ${shown(one)} and ${shown(other)}`;
}

function shown(text: string | undefined): string {
  return text === undefined ? 'not at all' : JSON.stringify(text.slice(0, SHOWN_CHARS_MAX));
}
