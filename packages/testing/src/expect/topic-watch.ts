/** Waits until a topic has a message that a test expects, or says what it has instead. */
import { AssertionError } from 'node:assert';
import { type Deferred, deferred, type Scheduler } from '@skylarkmq/base';
import type { BrokerView } from '@skylarkmq/broker';
import type { ReceivedMessage } from '@skylarkmq/client';
import { describeMatcher, describeMessage, differences, type MessageMatcher } from './matcher.ts';
import { endOf, type ReadPosition, readTopic } from './topic-reader.ts';

/** How a message is waited for. */
export interface ExpectOptions {
  /** Milliseconds to wait, of real time. Default 5,000; for `expectNoMessage` 100. */
  readonly within?: number;
  /** `start` (default): all messages of the topic count; `now`: those that come from now on. */
  readonly from?: 'start' | 'now';
}

export interface TopicWatchDeps {
  readonly brokerName: string;
  /** Real time: a message may come from a client on real time. */
  readonly scheduler: Pick<Scheduler, 'after'>;
  view(): Promise<BrokerView>;
  onArrival(listener: () => void): () => void;
}

const WITHIN_MS = 5_000;
const ABSENT_WITHIN_MS = 100;
/** A failure shows so many messages, those that differ least. */
const CANDIDATES_MAX = 5;

export class TopicWatch {
  readonly #deps: TopicWatchDeps;

  constructor(deps: TopicWatchDeps) {
    this.#deps = deps;
  }

  async messages(topic: string): Promise<ReceivedMessage[]> {
    return readTopic(await this.#deps.view(), topic, this.#deps.brokerName, new Map());
  }

  async expectMessage(
    topic: string,
    matcher: MessageMatcher,
    options: ExpectOptions,
  ): Promise<ReceivedMessage> {
    const within = options.within ?? WITHIN_MS;
    const seen: ReceivedMessage[] = [];
    const found = await this.#watch(topic, matcher, { ...options, within }, seen);
    if (found !== undefined) return found;
    throw failure(missing(topic, matcher, within, seen), expectMessageOf(matcher), seen);
  }

  async expectNoMessage(
    topic: string,
    matcher: MessageMatcher,
    options: ExpectOptions,
  ): Promise<void> {
    const within = options.within ?? ABSENT_WITHIN_MS;
    const found = await this.#watch(topic, matcher, { ...options, within }, []);
    if (found === undefined) return;
    const wanted = describeMatcher(matcher);
    const text = `Topic ${topic} has a message ${wanted}, but none was expected:`;
    throw failure(`${text}\n  ${describeMessage(found)}`, undefined, [found]);
  }

  /** The first message that fits; undefined when none came in time. Fills `seen`. */
  async #watch(
    topic: string,
    matcher: MessageMatcher,
    { within, from }: ExpectOptions,
    seen: ReceivedMessage[],
  ): Promise<ReceivedMessage | undefined> {
    const { brokerName, onArrival, scheduler, view } = this.#deps;
    let arrived: Deferred<void> = deferred();
    const remove = onArrival(() => arrived.resolve());
    let late = false;
    const timer = scheduler.after(within ?? 0, () => {
      late = true;
      arrived.resolve();
    });
    try {
      let position: ReadPosition = new Map();
      if (from === 'now') position = endOf(await view(), topic);
      for (;;) {
        arrived = deferred();
        const isLast = late;
        for (const message of await readTopic(await view(), topic, brokerName, position)) {
          if (differences(message, matcher).length === 0) return message;
          seen.push(message);
        }
        if (isLast) return undefined;
        if (!late) await arrived.promise;
      }
    } finally {
      timer.cancel();
      remove();
    }
  }
}

function missing(
  topic: string,
  matcher: MessageMatcher,
  within: number,
  seen: readonly ReceivedMessage[],
): string {
  const head = `Topic ${topic} got no message ${describeMatcher(matcher)} within ${within} ms`;
  if (seen.length === 0) return `${head}: it has no message at all`;
  const ranked = seen
    .map((message) => ({ message, differs: differences(message, matcher) }))
    .sort((left, right) => left.differs.length - right.differs.length)
    .slice(0, CANDIDATES_MAX);
  const lines = ranked.flatMap(({ message, differs }) => [
    `  ${describeMessage(message)}`,
    ...differs.map((difference) => `    ${difference}`),
  ]);
  const shown = seen.length > ranked.length ? `, the closest ${ranked.length} are` : ', which are';
  const count =
    seen.length === 1 ? '. It has one other:' : `. It has ${seen.length} others${shown}:`;
  return [head + count, ...lines].join('\n');
}

function expectMessageOf(matcher: MessageMatcher): unknown {
  return typeof matcher === 'function' ? describeMatcher(matcher) : matcher;
}

function failure(
  message: string,
  expected: unknown,
  messages: readonly ReceivedMessage[],
): AssertionError {
  const actual = messages.slice(0, CANDIDATES_MAX).map(describeMessage);
  return new AssertionError({ message, expected, actual, operator: 'expectMessage' });
}
