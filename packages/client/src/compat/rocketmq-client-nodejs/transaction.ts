import { assert, type Deferred, deferred, MqError, MqErrorCode } from '@skylarkmq/base';
import type { SendReceipt } from '../../producer/send-receipt.ts';
import type {
  TransactionOutcome,
  TransactionReceipt,
} from '../../transaction/transaction-options.ts';
import { withExceptions } from './exceptions.ts';
import type { MessageView } from './message-view.ts';

/** How a transaction ended. */
export const TransactionResolution = {
  TRANSACTION_RESOLUTION_UNSPECIFIED: 0,
  COMMIT: 1,
  ROLLBACK: 2,
} as const;

export type TransactionResolution =
  (typeof TransactionResolution)[keyof typeof TransactionResolution];

/** Says how a transaction ended that the broker knows no end of. */
export interface TransactionChecker {
  check(messageView: MessageView): Promise<TransactionResolution>;
}

/** Sends a message that nobody gets before `work` has told the outcome. */
export type TransactionSend = (
  work: (half: SendReceipt) => Promise<TransactionOutcome>,
) => Promise<TransactionReceipt>;

/** A message that is kept back until `commit` or `rollback`. */
export class Transaction {
  static readonly MAX_MESSAGE_NUM = 1;
  readonly #outcome: Deferred<TransactionOutcome> = deferred<TransactionOutcome>();
  readonly #running: () => void;
  #whole: Promise<TransactionReceipt> | undefined;
  #sent = false;

  /** `running` throws when the producer does not run. */
  constructor(running: () => void) {
    this.#running = running;
  }

  /** Sends its message; the producer calls it. */
  async begin(send: TransactionSend): Promise<SendReceipt> {
    if (this.#whole !== undefined) {
      const limit = Transaction.MAX_MESSAGE_NUM;
      throw new TypeError(`A transaction has ${limit} message at most`);
    }
    const stored = deferred<SendReceipt>();
    this.#whole = send((half) => {
      stored.resolve(half);
      return this.#outcome.promise;
    });
    const unsafe = 'The message was not stored as safely as the broker is configured';
    this.#whole.then(
      () => stored.reject(new MqError(MqErrorCode.Timeout, unsafe, { retryable: true })),
      (thrown: unknown) => stored.reject(thrown),
    );
    const half = await stored.promise;
    this.#sent = true;
    return half;
  }

  /** Consumers get the message. */
  commit(): Promise<void> {
    return this.#end('commit');
  }

  /** Nobody gets the message. */
  rollback(): Promise<void> {
    return this.#end('rollback');
  }

  /** Leaves the end to the checker; the producer calls it when it is shut down. */
  abandon(): void {
    this.#outcome.resolve('unknown');
  }

  async #end(outcome: TransactionOutcome): Promise<void> {
    if (!this.#sent) throw new TypeError('Transactional message has not been sent yet');
    this.#running();
    this.#outcome.resolve(outcome);
    const whole = this.#whole;
    assert(whole !== undefined, 'a transaction that was sent has a send');
    const receipt = await withExceptions(() => whole);
    if (receipt.outcome !== outcome) {
      throw new TypeError(`The transaction has ended with ${receipt.outcome} already`);
    }
    if (receipt.settled) return;
    const text = `The broker has not confirmed the ${outcome}: it will ask the checker`;
    throw new Error(text);
  }
}
