/** How many messages wait for each group: what brokers have, less what the group has committed. */
import { Admin, type MessageQueue, MqError } from '@skylarkmq/client';
import type { Clock } from '../shared/clock.ts';
import { WATCHED_GROUPS, type WatchedGroup } from './groups.ts';

/** One group's. */
export interface GroupLag {
  readonly group: string;
  readonly lag: number;
}

/** Asked more often, the last answer is given: it costs brokers hundreds of questions. */
const KEPT_MS = 2_000;

/** See the head of this file. */
export class LagMeter implements AsyncDisposable {
  readonly #admin: Admin;
  readonly #clock: Clock;
  #measured: Promise<readonly GroupLag[]> | undefined;
  #atMs = 0;

  constructor(namesrv: string, clock: Clock) {
    this.#admin = new Admin({ namesrv });
    this.#clock = clock;
  }

  /** Of all groups; without those that no broker knows yet, or none that answers. */
  measure(): Promise<readonly GroupLag[]> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#measured === undefined || nowMs - this.#atMs > KEPT_MS) {
      this.#atMs = nowMs;
      this.#measured = this.#measureAll();
    }
    return this.#measured;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#measured;
    await this.#admin.close();
  }

  async #measureAll(): Promise<readonly GroupLag[]> {
    const newest = new Map<string, Promise<readonly (readonly [MessageQueue, number])[]>>();
    for (const { topic } of WATCHED_GROUPS) {
      if (!newest.has(topic)) newest.set(topic, this.#newestOf(topic));
    }
    const lags = await Promise.all(
      WATCHED_GROUPS.map(async (watched) => this.#lagOf(watched, await newest.get(watched.topic))),
    );
    return lags.filter((one) => one !== undefined);
  }

  async #newestOf(topic: string): Promise<readonly (readonly [MessageQueue, number])[]> {
    try {
      const queues = await this.#admin.queues(topic);
      return await Promise.all(
        queues.map(async (queue) => [queue, await this.#admin.maxOffset(queue)] as const),
      );
    } catch (error) {
      if (error instanceof MqError) return [];
      throw error;
    }
  }

  async #lagOf(
    { group }: WatchedGroup,
    newest: readonly (readonly [MessageQueue, number])[] = [],
  ): Promise<GroupLag | undefined> {
    try {
      const waiting = await Promise.all(
        newest.map(async ([queue, offset]) => {
          const committed = await this.#admin.committed(group, queue);
          return committed === undefined ? undefined : Math.max(offset - committed, 0);
        }),
      );
      const known = waiting.filter((one) => one !== undefined);
      if (known.length === 0) return undefined;
      return { group, lag: known.reduce((sum, one) => sum + one, 0) };
    } catch (error) {
      if (error instanceof MqError) return undefined;
      throw error;
    }
  }
}
