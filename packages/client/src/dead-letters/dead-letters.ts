/**
 * The dead letters of a group: reads and selects them, sends them again (as they were or edited),
 * discards them. Brokers of Skylark keep what became of each; with Apache's, letters have no state:
 * they can be read and sent again as often as you like, and not be discarded.
 */
import { MqError, MqErrorCode, type Scheduler, throwIfAborted } from '@skylarkmq/base';
import { pause } from '../async/pause.ts';
import { type InstanceLease, leaseInstance } from '../instance/instance-pool.ts';
import { withNamespace } from '../instance/namespace.ts';
import { invalidOption } from '../options/check-option.ts';
import {
  type ClientOptions,
  type ResolvedClientOptions,
  resolveClientOptions,
} from '../options/client-options.ts';
import { checkGroup } from '../push/push-consumer-options.ts';
import type { DeadLetter, DeadLetterStatus } from './dead-letter.ts';
import { LetterReader } from './letter-reader.ts';
import { type DeadLetterResult, Resender, skipped } from './resender.ts';
import type { DeadLetterEdit } from './resent-message.ts';
import { type DeadLetterSelection, isSelected, selectionMax } from './selection.ts';

/** Options of {@link DeadLetters}. */
export interface DeadLettersOptions extends ClientOptions {
  /** The group that gave the messages up. */
  readonly group: string;
  /** Who works on the letters, as others are to read it. Default: the client id. */
  readonly by?: string;
}

/** Options of {@link DeadLetters.discard} and {@link DeadLetters.reopen}. */
export interface SettleOptions {
  readonly signal?: AbortSignal;
}

/** Options of {@link DeadLetters.resend}. */
export interface ResendOptions extends SettleOptions {
  /**
   * `original`: to the topic that it came from, where every group gets it again. `retry`: to the
   * retry topic of this group alone; not for groups that consume in order, whose retries die at
   * once. Default `original`.
   */
  readonly to?: 'original' | 'retry';
  /** What to change before a letter is sent again. */
  readonly edit?: (letter: DeadLetter) => DeadLetterEdit | Promise<DeadLetterEdit>;
  /** Also those that were sent again or discarded before. Default false. */
  readonly again?: boolean;
  /** Letters a second at most. Default: as fast as they are taken. */
  readonly perSecond?: number;
}

/** Letters to work on. */
export type DeadLetterSource = Iterable<DeadLetter> | AsyncIterable<DeadLetter>;

const SECOND_MS = 1_000;
const PER_SECOND_MAX = 1_000_000;
const BY_LENGTH_MAX = 255;

/** See the head of this file. */
export class DeadLetters implements AsyncDisposable {
  readonly group: string;
  readonly #options: ResolvedClientOptions;
  readonly #storedGroup: string;
  readonly #by: string | undefined;
  #lease: InstanceLease | undefined;
  #closed = false;

  constructor(options: DeadLettersOptions) {
    this.#options = resolveClientOptions(options);
    this.group = checkGroup(options.group);
    this.#storedGroup = withNamespace(this.#options.namespace, this.group);
    const { by } = options;
    if (by !== undefined && (by === '' || by.length > BY_LENGTH_MAX)) {
      throw invalidOption('by', JSON.stringify(by), `a text of 1 to ${BY_LENGTH_MAX} characters`);
    }
    this.#by = by;
  }

  /** How many letters there are, whatever became of them; of those that died since a time. */
  async count(fromMs?: number): Promise<number> {
    const ranges = await this.#reader().ranges(fromMs);
    return ranges.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
  }

  /**
   * The letters that fit, oldest first per queue, as they are read: memory does not grow with their
   * number. Ends with what there is now. Nothing when the group has no dead letters yet.
   */
  async *read(selection: DeadLetterSelection = {}): AsyncGenerator<DeadLetter, void, undefined> {
    const reader = this.#reader();
    let left = selectionMax(selection);
    for (const range of await reader.ranges(selection.fromMs)) {
      for await (const letters of reader.read(range, selection.signal)) {
        for (const letter of letters) {
          if (!isSelected(letter, selection)) continue;
          yield letter;
          left--;
          if (left === 0) return;
        }
      }
    }
  }

  /** Sends letters again, one after the other; one result each. Never throws for one letter. */
  async *resend(
    letters: DeadLetterSource,
    options: ResendOptions = {},
  ): AsyncGenerator<DeadLetterResult, void, undefined> {
    const { to = 'original', edit = noEdit, again = false, perSecond } = options;
    const pace = new Pace(this.#options.scheduler, perSecond);
    const instance = this.#instance();
    const resender = new Resender(instance);
    const from = again ? UNCLAIMED : ONLY_OPEN;
    const target = { group: this.#storedGroup, to, from, by: this.#name(), edit };
    for await (const letter of letters) {
      throwIfAborted(options.signal);
      await pace.next(options.signal);
      yield await resender.resend(letter, target);
    }
  }

  /** Marks letters as dealt with. UNSUPPORTED where the broker keeps no state (Apache's). */
  discard(
    letters: DeadLetterSource,
    options: SettleOptions = {},
  ): AsyncGenerator<DeadLetterResult, void, undefined> {
    return this.#mark(letters, options, ONLY_OPEN, 'discarded');
  }

  /** Takes back that letters were discarded or sent again. UNSUPPORTED as with `discard`. */
  reopen(
    letters: DeadLetterSource,
    options: SettleOptions = {},
  ): AsyncGenerator<DeadLetterResult, void, undefined> {
    return this.#mark(letters, options, SETTLED, 'open');
  }

  /** Closes the connections, if nobody else in the process uses them. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#lease?.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#mark(
    letters: DeadLetterSource,
    options: SettleOptions,
    from: readonly DeadLetterStatus[],
    to: DeadLetterStatus,
  ): AsyncGenerator<DeadLetterResult, void, undefined> {
    const resender = new Resender(this.#instance());
    const who = { group: this.#storedGroup, by: this.#name() };
    for await (const letter of letters) {
      throwIfAborted(options.signal);
      const changed = await resender.change(letter, who, '', { from, to, messageId: '' });
      if (changed === undefined) {
        const text = `The broker ${letter.queue.brokerName} keeps no state of dead letters`;
        throw new MqError(MqErrorCode.Unsupported, `${text}: only Skylark's do`);
      }
      const outcome = to === 'open' ? 'reopened' : 'discarded';
      yield changed.changed ? { letter, outcome } : skipped(letter, changed);
    }
  }

  #reader(): LetterReader {
    const { codecs, namespace } = this.#options;
    const context = { group: this.group, namespace, codecs };
    return new LetterReader(this.#instance(), this.#storedGroup, context);
  }

  #name(): string {
    return this.#by ?? this.#instance().clientId;
  }

  #instance(): InstanceLease['instance'] {
    if (this.#closed) throw new MqError(MqErrorCode.Closed, 'The dead letters are closed');
    this.#lease ??= leaseInstance(this.#options, 'admin', `dead-letters-${++count}`);
    return this.#lease.instance;
  }
}

const ONLY_OPEN: readonly DeadLetterStatus[] = ['open'];
const SETTLED: readonly DeadLetterStatus[] = ['resent', 'discarded'];
const UNCLAIMED: readonly DeadLetterStatus[] = ['open', 'resent', 'discarded'];

/** Each holds an instance under a name of its own. */
let count = 0;

function noEdit(): DeadLetterEdit {
  return {};
}

/** Lets so many through a second. */
class Pace {
  readonly #scheduler: Scheduler;
  readonly #gapMs: number;
  #isFirst = true;

  constructor(scheduler: Scheduler, perSecond: number | undefined) {
    this.#scheduler = scheduler;
    if (perSecond !== undefined && !(perSecond > 0 && perSecond <= PER_SECOND_MAX)) {
      throw invalidOption('perSecond', perSecond, `above 0, at most ${PER_SECOND_MAX}`);
    }
    this.#gapMs = perSecond === undefined ? 0 : SECOND_MS / perSecond;
  }

  async next(signal: AbortSignal = new AbortController().signal): Promise<void> {
    if (this.#gapMs > 0 && !this.#isFirst) await pause(this.#scheduler, this.#gapMs, signal);
    this.#isFirst = false;
    throwIfAborted(signal);
  }
}
