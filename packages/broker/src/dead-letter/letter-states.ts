/**
 * What became of dead letters. Each change is a message in a system topic, found again by its key
 * in the index: nothing is kept in memory but what changed last, however many letters there are,
 * and a change lives at least as long as its letter, which is older.
 */
import { type Clock, MqError, MqErrorCode, parseFastjson } from '@skylarkmq/base';
import { decodeRecord, dlqTopic, PropertyName, SystemTopic } from '@skylarkmq/message';
import type { MessageStore } from '@skylarkmq/store';
import {
  type ChangedDeadLetter,
  type DeadLetterChange,
  type DeadLetterChanges,
  type DeadLetterPlace,
  type DeadLetterState,
  type DeadLetterStatus,
  decodeDeadLetterState,
} from '@skylarkmq/wire';
import { storedCode } from '../send/put-answer.ts';

/** A claim that was not followed by anything is over after this. */
const CLAIM_MS = 60_000;
const CLAIMS_MAX = 100_000;
/** States that changed last; all others are in the index. */
const RECENT_MAX = 10_000;
/** Requests for changes that wait for their turn. */
const WAITING_MAX = 1_000;
const TEXT_LENGTH_MAX = 255;
const END_OF_TIME_MS: number = Number.MAX_SAFE_INTEGER;

export interface LetterStatesDeps {
  readonly store: Pick<MessageStore, 'maxOffset' | 'put' | 'queryMessages' | 'statusReason'>;
  readonly topicCreator: { forDeadLetterStates(): Promise<unknown> };
  readonly clock: Clock;
  /** Without the index no state would be found again. */
  readonly isIndexed: boolean;
}

interface Claim {
  readonly claim: string;
  readonly by: string;
  readonly atMs: number;
}

export class LetterStates {
  readonly #deps: LetterStatesDeps;
  readonly #recent = new Map<string, DeadLetterState>();
  readonly #claims = new Map<string, Claim>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(deps: LetterStatesDeps) {
    this.#deps = deps;
  }

  /** What became of letters of a group, in the order of the question. */
  states(group: string, places: readonly DeadLetterPlace[]): Promise<DeadLetterState[]> {
    return Promise.all(places.map((place) => this.#state(group, place)));
  }

  /**
   * Changes letters, those of one request together and one request after the other: of two who want
   * the same letter only one gets it. The answers come when the changes are as durable as sends.
   */
  async change(wish: DeadLetterChanges): Promise<ChangedDeadLetter[]> {
    if (!this.#deps.isIndexed) {
      const cure = 'set messageIndexEnable=true and start the broker again';
      const text = `The state of dead letters cannot be kept without the index: ${cure}`;
      throw new MqError(MqErrorCode.Unsupported, text);
    }
    this.#check(wish);
    if (this.#waiting >= WAITING_MAX) {
      throw new MqError(MqErrorCode.Busy, `${WAITING_MAX} changes of dead letters wait already`);
    }
    this.#waiting++;
    const turn = this.#last.then(() => this.#change(wish));
    this.#last = turn.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return turn;
  }

  #check({ group, by, claim, changes }: DeadLetterChanges): void {
    for (const text of [by, claim, ...changes.map((change) => change.messageId)]) {
      if (text.length > TEXT_LENGTH_MAX) {
        throw invalid(`Names and ids have at most ${TEXT_LENGTH_MAX} characters: ${text}`);
      }
    }
    const topic = dlqTopic(group);
    for (const { queueId, offset } of changes) {
      if (offset < this.#deps.store.maxOffset(topic, queueId)) continue;
      throw invalid(`${topic} has no dead letter at offset ${offset} of queue ${queueId}`);
    }
  }

  async #change(wish: DeadLetterChanges): Promise<ChangedDeadLetter[]> {
    const before = await this.states(wish.group, wish.changes);
    if (wish.changes.some(({ to }) => to !== 'claimed')) {
      await this.#deps.topicCreator.forDeadLetterStates();
    }
    return Promise.all(
      wish.changes.map((change, index) => this.#changeOne(wish, change, before[index])),
    );
  }

  async #changeOne(
    wish: DeadLetterChanges,
    change: DeadLetterChange,
    before: DeadLetterState | undefined,
  ): Promise<ChangedDeadLetter> {
    const { queueId, offset, from, to, messageId } = change;
    const key = keyOf(wish.group, change);
    const status: DeadLetterStatus = before?.status ?? 'open';
    const isTheirs = status !== 'claimed' || this.#claims.get(key)?.claim === wish.claim;
    const atMs = this.#deps.clock.nowMs();
    const after = { queueId, offset, status: to, by: wish.by, atMs, messageId };
    if (!from.includes(status) || !isTheirs) {
      return { ...(before ?? { ...after, status }), changed: false };
    }
    if (to === 'claimed') {
      this.#claim(key, { claim: wish.claim, by: wish.by, atMs });
      return { ...after, changed: true };
    }
    if (to === 'open' && status === 'claimed') {
      this.#claims.delete(key);
      return { ...(await this.#state(wish.group, change)), changed: true };
    }
    await this.#store(key, after);
    this.#claims.delete(key);
    this.#remember(key, after);
    return { ...after, changed: true };
  }

  async #state(group: string, place: DeadLetterPlace): Promise<DeadLetterState> {
    const { queueId, offset } = place;
    const key = keyOf(group, place);
    const claim = this.#claims.get(key);
    if (claim !== undefined) {
      const { by, atMs } = claim;
      if (this.#deps.clock.nowMs() - atMs < CLAIM_MS) {
        return { queueId, offset, status: 'claimed', by, atMs, messageId: '' };
      }
      this.#claims.delete(key);
    }
    const known = this.#recent.get(key) ?? (await this.#find(key));
    return known ?? { queueId, offset, status: 'open', by: '', atMs: 0, messageId: '' };
  }

  async #find(key: string): Promise<DeadLetterState | undefined> {
    const topic = SystemTopic.DeadLetterState;
    const found = await this.#deps.store.queryMessages(topic, key, 1, 0, END_OF_TIME_MS);
    const [record] = found.records;
    if (record === undefined) return undefined;
    const { body } = decodeRecord(record, 0, { verify: false });
    const { changed: _, ...state } = decodeDeadLetterState(parseFastjson(body.toString('utf8')));
    return state;
  }

  async #store(key: string, state: DeadLetterState): Promise<void> {
    const { status } = await this.#deps.store.put({
      topic: SystemTopic.DeadLetterState,
      queueId: 0,
      body: encodeState(state),
      properties: [[PropertyName.Keys, key]],
    });
    if (storedCode(status) !== undefined) return;
    const reason = this.#deps.store.statusReason;
    throw new MqError(MqErrorCode.System, `The state of ${key} was not stored: ${reason}`);
  }

  #remember(key: string, state: DeadLetterState): void {
    this.#recent.delete(key);
    this.#recent.set(key, state);
    dropOldest(this.#recent, RECENT_MAX);
  }

  #claim(key: string, claim: Claim): void {
    this.#claims.delete(key);
    this.#claims.set(key, claim);
    dropOldest(this.#claims, CLAIMS_MAX);
  }
}

function keyOf(group: string, { queueId, offset }: DeadLetterPlace): string {
  return `${group}@${queueId}@${offset}`;
}

function encodeState(state: DeadLetterState): Buffer {
  return Buffer.from(JSON.stringify(state), 'utf8');
}

function dropOldest<Value>(map: Map<string, Value>, sizeMax: number): void {
  for (const key of map.keys()) {
    if (map.size <= sizeMax) return;
    map.delete(key);
  }
}

function invalid(reason: string): MqError {
  return new MqError(MqErrorCode.InvalidArgument, reason);
}
