/**
 * Sends messages that belong to a transaction: the broker keeps the message back, the work is done,
 * and then consumers get it or never do. A broker that does not hear how it ended asks any producer
 * of the group.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import { decodeOffsetMessageId, PropertyName } from '@skylarkmq/message';
import type { EndTransactionRequest } from '@skylarkmq/wire';
import { endTransaction, endTransactionOneway, OutcomeCode } from '../api/end-transaction.ts';
import { Gate } from '../async/gate.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { OutgoingMessage } from '../producer/outgoing-message.ts';
import { Producer } from '../producer/producer.ts';
import type { SendReceipt } from '../producer/send-receipt.ts';
import { TransactionChecks, type TransactionQuestion } from './transaction-checks.ts';
import {
  checkedOutcome,
  type LocalWork,
  type ResolvedTransactionOptions,
  resolveTransactionOptions,
  type TransactionOptions,
  type TransactionOutcome,
  type TransactionProducerOptions,
  type TransactionReceipt,
} from './transaction-options.ts';

/** See the head of this file. Everything that a {@link Producer} does, it does too. */
export class TransactionProducer extends Producer {
  readonly #options: ResolvedTransactionOptions;
  readonly #gate: Gate;
  readonly #sendTimeoutMs: number;
  #checks: TransactionChecks | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: TransactionProducerOptions) {
    super(options);
    this.#options = resolveTransactionOptions(options);
    this.#sendTimeoutMs = options.sendTimeoutMs ?? 3_000;
    this.#gate = new Gate(this.#options.transactionsMax, this.client.scheduler);
  }

  /** Connects and registers: from now on brokers can ask `check`. */
  override async start(options: TransactionOptions = {}): Promise<void> {
    this.#listen();
    await super.start(options);
  }

  /**
   * Sends the message so that nobody gets it yet, does the work, and tells the broker how it ended.
   * When the work throws, its outcome counts as unknown (the broker asks `check`), and the error is
   * thrown on. When the message is not stored as safely as wanted, the work is not done and the
   * outcome is `rollback`. No delays: `INVALID_ARGUMENT`.
   */
  async sendInTransaction(
    message: OutgoingMessage,
    work: LocalWork,
    options: TransactionOptions = {},
  ): Promise<TransactionReceipt> {
    if (this.#closing !== undefined) {
      throw new MqError(MqErrorCode.Closed, `The producer of group ${this.group} is closed`);
    }
    const timeoutMs = options.timeoutMs ?? this.#sendTimeoutMs;
    if (!this.#gate.tryEnter()) await this.#gate.enter(timeoutMs, options.signal);
    try {
      const instance = this.#listen();
      const properties = new Map([
        [PropertyName.TransactionPrepared, 'true'],
        [PropertyName.ProducerGroup, this.group],
        ...immunity(options.checkAfterMs),
      ]);
      const extras = { properties, isHalf: true };
      const half = await this.sendWith('transaction', message, options, extras);
      let outcome: TransactionOutcome = half.status === 'ok' ? 'unknown' : 'rollback';
      try {
        if (half.status === 'ok') outcome = checkedOutcome(await work(message, half));
      } finally {
        this.#trace(instance, message, half, outcome);
      }
      const settled = await this.#settle(instance, half, outcome);
      return { ...half, outcome, settled };
    } finally {
      this.#gate.leave();
    }
  }

  /** Waits for transactions and checks that are under way, then leaves. */
  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  override [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#gate.idle();
    const checks = this.#checks;
    if (checks !== undefined) {
      this.live().transactionChecks.delete(this.group);
      await checks.close();
    }
    await super.close();
  }

  /** Lets brokers ask; the instance that they ask. */
  #listen(): ClientInstance {
    const instance = this.live();
    if (this.#checks === undefined) {
      const { logger } = this.client;
      this.#checks = new TransactionChecks({
        ...this.#options,
        logger,
        reply: async (address, request) => {
          const known = instance.routes.addressOf(request.bname ?? '');
          await endTransactionOneway(instance, known ?? address, request);
        },
        checked: (question, outcome) => this.#traceCheck(question, outcome),
      });
      instance.transactionChecks.set(this.group, this.#checks);
    }
    return instance;
  }

  #trace(
    instance: ClientInstance,
    { topic, tags, keys }: OutgoingMessage,
    half: SendReceipt,
    outcome: TransactionOutcome,
  ): void {
    if (!half.traceOn) return;
    this.tracer?.ended({
      topic,
      messageId: half.messageId,
      tags,
      keys: typeof keys === 'string' ? keys : keys?.join(' '),
      transactionId: half.transactionId ?? half.messageId,
      regionId: half.regionId,
      address: instance.routes.addressOf(half.queue.brokerName) ?? '',
      outcome,
      fromCheck: false,
      atMs: this.client.clock.nowMs(),
    });
  }

  #traceCheck(
    { message, answer, address }: TransactionQuestion,
    outcome: TransactionOutcome,
  ): void {
    const { properties } = message;
    if (properties.get(PropertyName.TraceSwitch) === 'false') return;
    this.tracer?.ended({
      topic: message.topic,
      messageId: message.messageId,
      tags: message.tags,
      keys: properties.get(PropertyName.Keys),
      transactionId: answer.transactionId ?? answer.msgId ?? message.messageId,
      regionId: properties.get(PropertyName.MessageRegion),
      address,
      outcome,
      fromCheck: true,
      atMs: this.client.clock.nowMs(),
    });
  }

  /** Tells the broker; false when it may not have heard it, and will ask. */
  // RocketMQ: DefaultMQProducerImpl#endTransaction
  async #settle(
    instance: ClientInstance,
    half: SendReceipt,
    outcome: TransactionOutcome,
  ): Promise<boolean> {
    if (outcome === 'unknown') return false;
    const { topic, brokerName } = half.queue;
    const request: EndTransactionRequest = {
      topic,
      producerGroup: this.group,
      tranStateTableOffset: half.queueOffset,
      commitLogOffset: decodeOffsetMessageId(half.offsetMessageId).physicalOffset,
      commitOrRollback: OutcomeCode[outcome],
      fromTransactionCheck: false,
      msgId: half.messageId,
      transactionId: half.transactionId ?? half.messageId,
      bname: brokerName,
    };
    try {
      const address = await instance.masterOf(brokerName, topic);
      await endTransaction(instance, address, request, {});
      return true;
    } catch (thrown) {
      const error = MqError.from(thrown);
      const { messageId } = half;
      const text = 'The outcome of a transaction may not have arrived: the broker asks for it';
      this.client.logger.warn({ messageId, outcome, error }, text);
      return false;
    }
  }
}

/** The property that keeps the broker from asking too soon; it counts whole seconds. */
function immunity(checkAfterMs: number | undefined): readonly (readonly [string, string])[] {
  if (checkAfterMs === undefined) return [];
  if (!Number.isFinite(checkAfterMs) || checkAfterMs < 0) {
    const text = `checkAfterMs must be a number of milliseconds, not ${checkAfterMs}`;
    throw new MqError(MqErrorCode.InvalidArgument, text);
  }
  return [[PropertyName.CheckImmunityTime, String(Math.ceil(checkAfterMs / 1000))]];
}
