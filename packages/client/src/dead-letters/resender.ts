/**
 * Sends dead letters again and notes it. A letter is claimed first, so that of two who do this at
 * once only one sends; what was sent and could not be noted is said to be so.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { retryTopic } from '@skylarkmq/message';
import type { ChangedDeadLetter, DeadLetterChange } from '@skylarkmq/wire';
import { changeDeadLetters } from '../api/dead-letter-states.ts';
import { sendMessage } from '../api/send-message.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { withoutNamespace } from '../instance/namespace.ts';
import { queueIndexByHash } from '../producer/queue-selector.ts';
import type { DeadLetter, DeadLetterStatus } from './dead-letter.ts';
import { type DeadLetterEdit, queueFor, resentMessage } from './resent-message.ts';

/** What became of one letter that was to be sent again or discarded. */
export interface DeadLetterResult {
  readonly letter: DeadLetter;
  /** `skipped`: somebody else was first, or it was dealt with before (see `reason`). */
  readonly outcome: 'resent' | 'discarded' | 'reopened' | 'skipped' | 'failed';
  /** Where it was sent to, and as which message. */
  readonly topic?: string;
  readonly messageId?: string;
  /** Why it was skipped or failed; of one that was sent: why that could not be noted. */
  readonly reason?: string;
}

/** How letters are sent again. */
export interface ResendTarget {
  /** As brokers know it. */
  readonly group: string;
  readonly to: 'original' | 'retry';
  readonly from: readonly DeadLetterStatus[];
  readonly by: string;
  edit(letter: DeadLetter): DeadLetterEdit | Promise<DeadLetterEdit>;
}

const PRODUCER_GROUP = 'TOOLS_PRODUCER';
const SEND_TIMEOUT_MS = 5_000;

/** See the head of this file. */
export class Resender {
  readonly #instance: ClientInstance;
  #turn = 0;

  constructor(instance: ClientInstance) {
    this.#instance = instance;
  }

  async resend(letter: DeadLetter, target: ResendTarget): Promise<DeadLetterResult> {
    const claim = this.#instance.nextMessageId();
    const change = (
      from: readonly DeadLetterStatus[],
      to: DeadLetterStatus,
      messageId = '',
    ): Promise<ChangedDeadLetter | undefined> =>
      this.change(letter, target, claim, { from, to, messageId });
    let claimed: ChangedDeadLetter | undefined;
    try {
      claimed = await change(target.from, 'claimed');
      if (claimed?.changed === false) return skipped(letter, claimed);
      const { topic, messageId } = await this.#send(letter, target);
      const problem = claimed === undefined ? undefined : await this.#note(change, messageId);
      const sent = { letter, outcome: 'resent', topic, messageId } as const;
      return problem === undefined ? sent : { ...sent, reason: problem };
    } catch (thrown) {
      const reason = MqError.from(thrown).message;
      const unclaimed = claimed === undefined ? undefined : await this.#giveBack(change);
      const more = unclaimed === undefined ? '' : `; it stays claimed for a minute: ${unclaimed}`;
      return { letter, outcome: 'failed', reason: reason + more };
    }
  }

  /** Changes the state of one letter; undefined where the broker keeps none. */
  async change(
    letter: DeadLetter,
    { group, by }: Pick<ResendTarget, 'group' | 'by'>,
    claim: string,
    wish: Pick<DeadLetterChange, 'from' | 'to' | 'messageId'>,
  ): Promise<ChangedDeadLetter | undefined> {
    const { brokerName, topic, queueId } = letter.queue;
    const address = await this.#instance.masterOf(brokerName, topic);
    const changes = [{ queueId, offset: letter.queueOffset, ...wish }];
    const wanted = { group, by, claim, changes };
    return (await changeDeadLetters(this.#instance, address, wanted))?.[0];
  }

  async #send(
    letter: DeadLetter,
    target: ResendTarget,
  ): Promise<{ readonly topic: string; readonly messageId: string }> {
    const originTopic = letter.storedOriginTopic;
    if (originTopic === undefined) {
      const text = 'The letter does not say from which topic it came: neither RETRY_TOPIC is set';
      throw new MqError(MqErrorCode.InvalidArgument, `${text} nor DLQ_ORIGIN_TOPIC`);
    }
    const { clock } = this.#instance.options;
    const messageId = this.#instance.nextMessageId();
    const args = resentMessage(letter, await target.edit(letter), {
      ...{ group: target.group, producerGroup: PRODUCER_GROUP, to: target.to },
      ...{ originTopic, messageId, nowMs: clock.nowMs() },
    });
    const topic = target.to === 'retry' ? retryTopic(target.group) : originTopic;
    const queues = (await this.#instance.routes.find(topic))?.writable ?? [];
    const queue = queueFor(letter, queues, queueIndexByHash, this.#turn++);
    if (queue === undefined) {
      throw new MqError(MqErrorCode.NoRoute, `The topic ${topic} has no queue that can be written`);
    }
    const address = await this.#instance.masterOf(queue.brokerName, topic);
    await sendMessage(this.#instance, address, queue, args, { timeoutMs: SEND_TIMEOUT_MS });
    return { topic: withoutNamespace(this.#instance.options.namespace, topic), messageId };
  }

  async #note(change: Change, messageId: string): Promise<string | undefined> {
    try {
      const noted = await change(['claimed', 'open'], 'resent', messageId);
      if (noted?.changed === true) return undefined;
      return `it was sent, yet others say that it is ${noted?.status ?? 'unknown'}`;
    } catch (thrown) {
      return `it was sent, and that could not be noted: ${MqError.from(thrown).message}`;
    }
  }

  async #giveBack(change: Change): Promise<string | undefined> {
    try {
      await change(['claimed'], 'open');
      return undefined;
    } catch (thrown) {
      return MqError.from(thrown).message;
    }
  }
}

type Change = (
  from: readonly DeadLetterStatus[],
  to: DeadLetterStatus,
  messageId?: string,
) => Promise<ChangedDeadLetter | undefined>;

/** The result for a letter that is not as it was wanted. */
export function skipped(letter: DeadLetter, state: ChangedDeadLetter): DeadLetterResult {
  const who = state.by === '' ? '' : ` by ${state.by}`;
  const when = state.atMs > 0 ? ` at ${new Date(state.atMs).toISOString()}` : '';
  const how = state.messageId === '' ? '' : ` as ${state.messageId}`;
  return { letter, outcome: 'skipped', reason: `it is ${state.status}${who}${when}${how}` };
}
