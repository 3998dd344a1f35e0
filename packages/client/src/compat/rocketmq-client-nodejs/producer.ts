import type { MessageQueue } from '@skylarkmq/message';
import { Producer as SkylarkProducer } from '../../producer/producer.ts';
import type { ProducerOptions as SkylarkOptions } from '../../producer/producer-options.ts';
import type { SendReceipt as SkylarkReceipt } from '../../producer/send-receipt.ts';
import type { TransactionOutcome } from '../../transaction/transaction-options.ts';
import { TransactionProducer } from '../../transaction/transaction-producer.ts';
import { BaseClient, type BaseClientOptions } from './base-client.ts';
import { withExceptions } from './exceptions.ts';
import { type MessageOptions, toOutgoing } from './message.ts';
import { MessageView } from './message-view.ts';
import { Transaction, type TransactionChecker, TransactionResolution } from './transaction.ts';

/** Options of {@link Producer}. */
export interface ProducerOptions extends BaseClientOptions {
  /** Topics to look up at the start; not needed here. */
  topic?: string | string[];
  /** Attempts to send a message. Default 3. */
  maxAttempts?: number;
  /** Needed for transactions. */
  checker?: TransactionChecker;
}

/** What became of a message. */
export class SendReceipt {
  readonly messageId: string;
  /** Empty without a transaction. */
  readonly transactionId: string;
  /** Empty for messages that do not wait for a time. */
  readonly recallHandle: string;
  readonly offset: number;
  readonly messageQueue: MessageQueue;

  constructor(receipt: SkylarkReceipt, inTransaction: boolean) {
    this.messageId = receipt.messageId;
    this.transactionId = inTransaction ? (receipt.transactionId ?? receipt.messageId) : '';
    this.recallHandle = receipt.recallHandle ?? '';
    this.offset = receipt.queueOffset;
    this.messageQueue = receipt.queue;
  }
}

/** Which message was taken back. */
export class RecallReceipt {
  readonly messageId: string;

  constructor(messageId: string) {
    this.messageId = messageId;
  }

  toString(): string {
    return `RecallReceipt{messageId='${this.messageId}'}`;
  }
}

const ATTEMPTS_DEFAULT = 3;

/** Sends messages. */
export class Producer extends BaseClient {
  readonly #checker: TransactionChecker | undefined;
  readonly #producer: SkylarkProducer;
  readonly #transactional: TransactionProducer | undefined;
  readonly #transactions = new Set<Transaction>();

  constructor(options: ProducerOptions) {
    super(options);
    const { checker } = options;
    const { requestTimeoutMs } = this.client;
    const ours: SkylarkOptions = {
      ...this.client,
      retries: Math.max(0, (options.maxAttempts ?? ATTEMPTS_DEFAULT) - 1),
      ...(requestTimeoutMs === undefined ? {} : { sendTimeoutMs: requestTimeoutMs }),
    };
    this.#checker = checker;
    this.#transactional =
      checker === undefined
        ? undefined
        : new TransactionProducer({
            ...ours,
            check: async (message) => outcomeOf(await checker.check(new MessageView(message, ''))),
          });
    this.#producer = this.#transactional ?? new SkylarkProducer(ours);
  }

  /** A transaction for one message: send it with this, then commit or roll back. */
  beginTransaction(): Transaction {
    if (this.#checker === undefined) {
      throw new Error('Transaction checker should not be null: set the option checker');
    }
    this.checkRunning('Producer');
    return new Transaction(() => this.checkRunning('Producer'));
  }

  /** Sends a message and waits until a broker has stored it. */
  async send(message: MessageOptions, transaction?: Transaction): Promise<SendReceipt> {
    this.checkRunning('Producer');
    return withExceptions(async () => {
      const outgoing = toOutgoing(message, transaction !== undefined);
      const producer = this.#transactional;
      if (transaction === undefined || producer === undefined) {
        return new SendReceipt(await this.#producer.send(outgoing), false);
      }
      const half = await transaction.begin(async (work) => {
        this.#transactions.add(transaction);
        try {
          return await producer.sendInTransaction(outgoing, (_, receipt) => work(receipt));
        } finally {
          this.#transactions.delete(transaction);
        }
      });
      return new SendReceipt(half, true);
    });
  }

  /** Takes back a message that waits for its time. */
  async recallMessage(topic: string, recallHandle: string): Promise<RecallReceipt> {
    this.checkRunning('Producer');
    if (topic.trim() === '') throw new Error('Topic is required');
    if (recallHandle === '') throw new Error('Recall handle is required');
    return withExceptions(
      async () => new RecallReceipt(await this.#producer.recall(topic, recallHandle)),
    );
  }

  protected open(): Promise<void> {
    return this.#producer.start();
  }

  protected async close(): Promise<void> {
    for (const transaction of this.#transactions) transaction.abandon();
    await this.#producer.close();
  }
}

function outcomeOf(resolution: TransactionResolution): TransactionOutcome {
  if (resolution === TransactionResolution.COMMIT) return 'commit';
  return resolution === TransactionResolution.ROLLBACK ? 'rollback' : 'unknown';
}
