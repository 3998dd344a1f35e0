/**
 * Answers brokers that ask how a transaction ended: so many checks at a time, so many waiting. What
 * is not answered is asked again.
 */
import { type Logger, MqError } from '@skylarkmq/base';
import type { EndTransactionRequest } from '@skylarkmq/wire';
import { OutcomeCode } from '../api/end-transaction.ts';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import {
  checkedOutcome,
  type TransactionCheck,
  type TransactionOutcome,
} from './transaction-options.ts';

/** One question of a broker. */
export interface TransactionQuestion {
  readonly message: ReceivedMessage;
  /** The answer, but for the outcome. */
  readonly answer: Omit<EndTransactionRequest, 'commitOrRollback'>;
  /** Where the question came from. */
  readonly address: string;
}

export interface TransactionChecksDeps {
  readonly check: TransactionCheck;
  readonly checkConcurrency: number;
  readonly checkQueueMax: number;
  readonly logger: Logger;
  reply(address: string, request: EndTransactionRequest): Promise<void>;
  /** A check said something, for traces. */
  checked(question: TransactionQuestion, outcome: TransactionOutcome): void;
}

/** See the head of this file. */
export class TransactionChecks {
  readonly #deps: TransactionChecksDeps;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #waiting: TransactionQuestion[] = [];

  constructor(deps: TransactionChecksDeps) {
    this.#deps = deps;
  }

  /** A broker asks. */
  ask(question: TransactionQuestion): void {
    if (this.#stop.signal.aborted) return;
    const { checkConcurrency, checkQueueMax, logger } = this.#deps;
    if (this.#running.size >= checkConcurrency) {
      if (this.#waiting.length < checkQueueMax) {
        this.#waiting.push(question);
        return;
      }
      const { messageId } = question.message;
      logger.warn({ messageId, checkQueueMax }, 'Too many checks wait: this one is asked again');
      return;
    }
    this.#run(question);
  }

  /** Takes no more questions; resolves when the checks that run have ended. */
  async close(): Promise<void> {
    this.#waiting = [];
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  #run(question: TransactionQuestion): void {
    const run = this.#answer(question).finally(() => {
      this.#running.delete(run);
      const next = this.#waiting.shift();
      if (next !== undefined) this.#run(next);
    });
    this.#running.add(run);
  }

  async #answer(question: TransactionQuestion): Promise<void> {
    const { check, checked, reply, logger } = this.#deps;
    const { message, answer, address } = question;
    const { messageId } = message;
    try {
      const outcome = checkedOutcome(await check(message, this.#stop.signal));
      checked(question, outcome);
      if (outcome === 'unknown') return;
      await reply(address, { ...answer, commitOrRollback: OutcomeCode[outcome] });
    } catch (thrown) {
      const error = MqError.from(thrown);
      logger.warn({ messageId, error }, 'A check has no outcome: the broker asks again');
    }
  }
}
