/**
 * The attempts of one send: at most so many, all within one deadline, each at another broker than
 * the one that failed before if there is one. The message keeps its id, so a message that arrived
 * although its answer got lost may be stored twice.
 */
import { type Clock, MqError, MqErrorCode } from '@skylarkmq/base';
import type { MessageQueue } from '@skylarkmq/message';
import type { LatencyFault } from './latency-fault.ts';
import type { ResolvedProducerOptions } from './producer-options.ts';
import type { SendReceipt } from './send-receipt.ts';

/** One send with all that differs from send to send. */
export interface SendPlan {
  readonly topic: string;
  /** Monotonic time at which the last attempt must have ended. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  readonly attemptsMax: number;
  pick(lastBroker: string | undefined): MessageQueue;
  send(queue: MessageQueue, timeoutMs: number): Promise<readonly SendReceipt[]>;
}

/** See the head of this file. */
// RocketMQ: DefaultMQProducerImpl#sendDefaultImpl
export class SendAttempts {
  readonly #options: ResolvedProducerOptions;
  readonly #clock: Clock;
  readonly #faults: LatencyFault;

  constructor(options: ResolvedProducerOptions, clock: Clock, faults: LatencyFault) {
    this.#options = options;
    this.#clock = clock;
    this.#faults = faults;
  }

  /** Runs the plan; throws the error of the last attempt, with the number of attempts in it. */
  async run(plan: SendPlan): Promise<readonly SendReceipt[]> {
    let lastBroker: string | undefined;
    let last: MqError | undefined;
    let weak: readonly SendReceipt[] | undefined;
    for (let attempt = 1; attempt <= plan.attemptsMax; attempt++) {
      const leftMs = Math.floor(plan.deadlineMs - this.#clock.monotonicMs());
      if (leftMs < 1) break;
      const queue = plan.pick(lastBroker);
      lastBroker = queue.brokerName;
      const isLast = attempt === plan.attemptsMax;
      const timeoutMs = isLast ? leftMs : Math.min(leftMs, this.#options.attemptTimeoutMs);
      const startedMs = this.#clock.monotonicMs();
      try {
        const receipts = await plan.send(queue, timeoutMs);
        this.#faults.answered(queue.brokerName, this.#clock.monotonicMs() - startedMs);
        if (isLast || !this.#isTooWeak(receipts)) return receipts;
        weak = receipts;
      } catch (thrown) {
        last = MqError.from(thrown);
        if (this.#isFinal(last)) throw last;
        const isAnswer = last.code === MqErrorCode.Response;
        const reachable = isAnswer || last.code === MqErrorCode.Permission;
        this.#faults.failed(queue.brokerName, this.#clock.monotonicMs() - startedMs, reachable);
        if (isLast && weak === undefined) throw describe(last, plan.topic, attempt);
      }
    }
    if (weak !== undefined) return weak;
    const timeout = `The send to ${plan.topic} did not end in time`;
    throw last === undefined
      ? new MqError(MqErrorCode.Timeout, timeout, { retryable: true })
      : new MqError(MqErrorCode.Timeout, `${timeout}: ${last.message}`, {
          retryable: true,
          cause: last,
        });
  }

  #isTooWeak(receipts: readonly SendReceipt[]): boolean {
    return this.#options.retryWhenNotDurable && receipts[0]?.status !== 'ok';
  }

  /** Errors that another attempt cannot help. */
  #isFinal(error: MqError): boolean {
    switch (error.code) {
      case MqErrorCode.Response:
      case MqErrorCode.Permission:
        return !this.#options.retryResponseCodes.has(error.responseCode ?? -1);
      case MqErrorCode.Aborted:
      case MqErrorCode.Closed:
      case MqErrorCode.InvalidArgument:
        return true;
      default:
        return false;
    }
  }
}

function describe(error: MqError, topic: string, attempts: number): MqError {
  if (attempts === 1) return error;
  return new MqError(
    error.code,
    `The send to ${topic} failed after ${attempts} attempts: ${error.message}`,
    {
      retryable: error.retryable,
      cause: error,
      ...(error.responseCode === undefined ? {} : { responseCode: error.responseCode }),
    },
  );
}
