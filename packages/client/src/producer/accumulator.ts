/**
 * Gathers single sends into batches: messages of one topic that may lie in one queue wait for each
 * other, a short while or until a batch is full, and go out in one request. Each has its own
 * receipt, or the error of its batch. It does not know how many may wait: its producer does.
 */
import { abortError, MqError, MqErrorCode, onAbort, type Scheduler } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import { keepAlive } from '../instance/keep-alive.ts';
import type { ResolvedBatchOptions } from './batch-options.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { BatchMember, Packer, Parcel } from './packer.ts';
import type { SendOptions } from './send-options.ts';
import type { SendReceipt } from './send-receipt.ts';

/** What gathering needs from its producer. */
export interface AccumulatorDeps {
  readonly scheduler: Scheduler;
  readonly options: ResolvedBatchOptions;
  /** Bodies of this size and more are compressed, which those of a batch cannot be. */
  readonly compressOverBytes: number;
  readonly packer: Pick<Packer, 'member' | 'packMembers'>;
  /** The queue that a message must go to; undefined if any will do. */
  queueOf(member: BatchMember, options: SendOptions): QueueOrNone | Promise<QueueOrNone>;
  deliver(
    parcel: Parcel,
    options: SendOptions,
    deadlineMs: number,
  ): Promise<readonly SendReceipt[]>;
}

type QueueOrNone = MessageQueue | undefined;

interface Waiting {
  readonly member: BatchMember;
  readonly resolve: (receipt: SendReceipt) => void;
  readonly reject: (error: MqError) => void;
}

interface Batch {
  readonly key: string;
  /** As its sender wrote it. */
  readonly topic: string;
  readonly queue: QueueOrNone;
  readonly timer: { cancel(): void };
  waiting: Waiting[];
  bytes: number;
  /** Monotonic time by which the most impatient message wants to be stored. */
  deadlineMs: number;
}

/** One message to add. */
interface Addition {
  readonly topic: string;
  readonly member: BatchMember;
  readonly queue: QueueOrNone;
  readonly options: SendOptions;
  readonly deadlineMs: number;
}

/** See the head of this file. */
// RocketMQ: ProduceAccumulator
export class Accumulator {
  readonly #deps: AccumulatorDeps;
  /** By what the messages of a batch must share. */
  readonly #open = new Map<string, Batch>();
  readonly #underWay = new Set<Promise<void>>();
  #letGo: (() => void) | undefined;
  #closed = false;

  constructor(deps: AccumulatorDeps) {
    this.#deps = deps;
  }

  /** Whether a message can wait for others; one that is late or large goes by itself. */
  takes(message: OutgoingMessage): boolean {
    const { compressOverBytes, options } = this.#deps;
    const { body, delayLevel, delayMs, deliverAt, liteTopic, priority } = message;
    if (this.#closed || options.messagesMax === 1) return false;
    if ((delayLevel ?? 0) !== 0 || delayMs !== undefined || deliverAt !== undefined) return false;
    if (liteTopic !== undefined || priority !== undefined) return false;
    const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    return bytes < options.bytesMax && bytes < compressOverBytes;
  }

  /** Sends a message together with others; throws when it, or its batch, was not stored. */
  async send(
    message: OutgoingMessage,
    options: SendOptions,
    deadlineMs: number,
  ): Promise<SendReceipt> {
    const member = this.#deps.packer.member(message);
    const wanted = this.#deps.queueOf(member, options);
    const queue = wanted instanceof Promise ? await wanted : wanted;
    const { signal } = options;
    if (signal?.aborted === true) throw abortError(signal);
    return this.#add({ topic: message.topic, member, queue, options, deadlineMs });
  }

  /** Sends at once what waits, of one topic or of all; resolves when all batches are answered. */
  async flush(topic?: string): Promise<void> {
    for (const batch of [...this.#open.values()]) {
      if (topic === undefined || topic === batch.topic) this.#send(batch);
    }
    await Promise.all(this.#underWay);
  }

  /** Sends at once what waits, and nobody waits from now on. */
  close(): void {
    this.#closed = true;
    void this.flush();
  }

  #add(addition: Addition): Promise<SendReceipt> {
    const { member, options, deadlineMs } = addition;
    const { signal } = options;
    const { bytesMax, messagesMax } = this.#deps.options;
    const batch = this.#batchFor(addition);
    return new Promise((resolve, reject) => {
      const remove = onAbort(signal, () => {
        batch.waiting = batch.waiting.filter((other) => other !== waiting);
        if (signal !== undefined) reject(abortError(signal));
      });
      const waiting: Waiting = {
        member,
        resolve: (receipt) => {
          remove();
          resolve(receipt);
        },
        reject: (error) => {
          remove();
          reject(error);
        },
      };
      batch.waiting.push(waiting);
      batch.bytes += member.bytes;
      batch.deadlineMs = Math.min(batch.deadlineMs, deadlineMs);
      const full = batch.bytes >= bytesMax || batch.waiting.length >= messagesMax;
      if (full || this.#closed) this.#send(batch);
    });
  }

  #batchFor({ topic, member, queue, options }: Addition): Batch {
    const { bytesMax, delayMs } = this.#deps.options;
    const { timeoutMs } = options;
    const { waitForStore } = member.prepared;
    const place = queue === undefined ? '' : `${queue.brokerName} ${queue.queueId}`;
    const key = `${topic} ${waitForStore} ${timeoutMs ?? ''} ${place}`;
    const open = this.#open.get(key);
    if (open !== undefined) {
      if (open.bytes + member.bytes <= bytesMax) return open;
      this.#send(open);
    }
    this.#letGo ??= keepAlive();
    // Half of a short time is left for the way.
    const waitMs = Math.min(delayMs, Math.ceil((timeoutMs ?? Number.POSITIVE_INFINITY) / 2));
    const batch: Batch = {
      ...{ key, topic, queue, waiting: [], bytes: 0, deadlineMs: Number.POSITIVE_INFINITY },
      timer: this.#deps.scheduler.after(waitMs, () => this.#send(batch)),
    };
    this.#open.set(key, batch);
    return batch;
  }

  #send(batch: Batch): void {
    batch.timer.cancel();
    if (this.#open.get(batch.key) === batch) this.#open.delete(batch.key);
    if (this.#open.size === 0) {
      this.#letGo?.();
      this.#letGo = undefined;
    }
    if (batch.waiting.length === 0) return;
    const done = this.#deliver(batch).finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  /** Never throws: the error is that of each message. */
  async #deliver({ waiting, queue, deadlineMs }: Batch): Promise<void> {
    try {
      const parcel = this.#deps.packer.packMembers(waiting.map(({ member }) => member));
      const where = queue === undefined ? {} : { queue };
      const receipts = await this.#deps.deliver(parcel, where, deadlineMs);
      for (const [index, one] of waiting.entries()) {
        const receipt = receipts[index];
        if (receipt === undefined) one.reject(withoutReceipt());
        else one.resolve(receipt);
      }
    } catch (thrown) {
      const error = MqError.from(thrown);
      for (const one of waiting) one.reject(error);
    }
  }
}

function withoutReceipt(): MqError {
  return new MqError(MqErrorCode.Internal, 'The send has no receipt');
}
