/** The messages that consumers gave up, of all groups; each can be sent again. */
import { type DeadLetter, DeadLetters, MqError } from '@skylarkmq/client';
import { ApiError } from '../shared/api-error.ts';
import { WATCHED_GROUPS, type WatchedGroup } from './groups.ts';

/** As it is shown. */
export interface ShownLetter {
  readonly id: string;
  readonly group: string;
  readonly topic: string;
  readonly orderId: string | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly atMs: number;
  readonly state: string;
}

const SHOWN_PER_GROUP_MAX = 50;
const BY = 'control-room';

/** See the head of this file. */
export class DeadLetterDesk implements AsyncDisposable {
  readonly #desks: ReadonlyMap<
    string,
    { readonly watched: WatchedGroup; readonly of: DeadLetters }
  >;

  constructor(namesrv: string) {
    this.#desks = new Map(
      WATCHED_GROUPS.map((watched) => {
        const { group } = watched;
        return [group, { watched, of: new DeadLetters({ namesrv, group, by: BY }) }];
      }),
    );
  }

  /** Those that wait, the newest first. */
  async list(): Promise<readonly ShownLetter[]> {
    const found = await Promise.all([...this.#desks.values()].map(({ of }) => openOf(of)));
    return found.flat().sort((left, right) => right.atMs - left.atMs);
  }

  /** Sends one again: to its group alone, or to everybody where the group consumes in order. */
  async resend(id: string): Promise<void> {
    const [group = '', messageId = ''] = id.split(':', 2);
    const desk = this.#desks.get(group);
    if (desk === undefined) throw new ApiError('NOT_FOUND', `There is no group ${group}`);
    const letters = desk.of.read({ messageId, status: ['open'], max: 1 });
    const to = desk.watched.isOrdered ? 'original' : 'retry';
    for await (const result of desk.of.resend(letters, { to })) {
      if (result.outcome === 'resent') return;
      throw new ApiError('CONFLICT', `The letter was not sent again: ${result.outcome}`);
    }
    throw new ApiError('NOT_FOUND', `There is no letter ${id} that waits`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { of } of this.#desks.values()) await of.close();
  }
}

async function openOf(desk: DeadLetters): Promise<ShownLetter[]> {
  const shown: ShownLetter[] = [];
  try {
    const selection = { status: ['open' as const], max: SHOWN_PER_GROUP_MAX };
    for await (const letter of desk.read(selection)) shown.push(show(letter));
  } catch (error) {
    // A broker that is away has no letters to show; the page asks again.
    if (!(error instanceof MqError)) throw error;
  }
  return shown;
}

function show(letter: DeadLetter): ShownLetter {
  return {
    id: `${letter.group}:${letter.messageId}`,
    group: letter.group,
    topic: letter.originTopic ?? letter.topic,
    orderId: letter.keys.find((key) => key.startsWith('o_')) ?? null,
    reason: letter.error ?? null,
    attempts: letter.attempts,
    atMs: letter.storeTimestamp,
    state: letter.status,
  };
}
