/** Writes down what a producer stored. */
import { PropertyName } from '@skylarkmq/message';
import type { PreparedMessage } from '../producer/outgoing-message.ts';
import type { SendReceipt } from '../producer/send-receipt.ts';
import type { TracedKind } from './trace-record.ts';
import type { TraceReporter } from './trace-reporter.ts';

/** A send that a broker answered. */
export interface StoredSend {
  readonly messages: readonly PreparedMessage[];
  readonly receipts: readonly SendReceipt[];
  /** Address of the broker. */
  readonly address: string;
  /** Wall clock at the start of the attempt, and how long it took, milliseconds. */
  readonly startedAtMs: number;
  readonly costMs: number;
}

/** A transaction whose outcome its producer knows, or knows not to know. */
export interface EndedTransaction {
  /** As users know it. */
  readonly topic: string;
  readonly messageId: string;
  readonly tags: string | undefined;
  /** Business keys, blanks between them. */
  readonly keys: string | undefined;
  readonly transactionId: string;
  /** Absent where it is the default one. */
  readonly regionId: string | undefined;
  /** Address of the broker. */
  readonly address: string;
  readonly outcome: 'commit' | 'rollback' | 'unknown';
  /** Whether a broker asked. */
  readonly fromCheck: boolean;
  readonly atMs: number;
}

/** A recall that was tried. */
export interface TriedRecall {
  /** As users know it. */
  readonly topic: string;
  readonly messageId: string;
  readonly startedAtMs: number;
  readonly regionId: string | undefined;
  readonly success: boolean;
}

/** As the official clients write outcomes. */
// RocketMQ: LocalTransactionState
const STATES = {
  commit: 'COMMIT_MESSAGE',
  rollback: 'ROLLBACK_MESSAGE',
  unknown: 'UNKNOW',
} as const;

const REGION_DEFAULT = 'DefaultRegion';

/** Names as users know them: without the namespace. */
export interface TracerNames {
  readonly group: string;
  topicOf(brokerTopic: string): string;
}

/** See the head of this file. */
export class SendTracer {
  readonly #reporter: TraceReporter;
  readonly #names: TracerNames;

  constructor(reporter: TraceReporter, names: TracerNames) {
    this.#reporter = reporter;
    this.#names = names;
  }

  /** One record per message. Brokers can switch traces off. */
  // RocketMQ: SendMessageTraceHookImpl#sendMessageAfter
  stored(send: StoredSend): void {
    const { messages, receipts, address, startedAtMs, costMs } = send;
    const each = Math.trunc(costMs / Math.max(1, messages.length));
    for (const [index, message] of messages.entries()) {
      const receipt = receipts[index];
      if (receipt === undefined || !receipt.traceOn) continue;
      const { properties } = message;
      this.#reporter.record({
        type: 'Pub',
        timestamp: startedAtMs,
        regionId: receipt.regionId,
        group: this.#names.group,
        topic: this.#names.topicOf(message.topic),
        messageId: receipt.messageId,
        tags: properties.get(PropertyName.Tags),
        keys: properties.get(PropertyName.Keys),
        storeHost: address,
        bodyBytes: message.body.length,
        costMs: each,
        kind: kindOf(properties),
        offsetMessageId: receipt.offsetMessageId,
        success: receipt.status === 'ok',
      });
    }
  }

  /** The end of a transaction, as its producer says it. */
  // RocketMQ: EndTransactionTraceHookImpl#endTransaction
  ended({ address, atMs, outcome, regionId, ...ended }: EndedTransaction): void {
    this.#reporter.record({
      type: 'EndTransaction',
      ...ended,
      timestamp: atMs,
      regionId: regionId ?? REGION_DEFAULT,
      group: this.#names.group,
      storeHost: address,
      kind: 'transaction-commit',
      state: STATES[outcome],
    });
  }

  // RocketMQ: DefaultRecallMessageTraceHook#doAfterResponse
  recalled({ topic, messageId, startedAtMs, regionId, success }: TriedRecall): void {
    this.#reporter.record({
      type: 'Recall',
      timestamp: startedAtMs,
      regionId: regionId ?? REGION_DEFAULT,
      group: this.#names.group,
      topic,
      messageId,
      success,
    });
  }

  /** Sends what waits and ends. */
  close(): Promise<void> {
    return this.#reporter.close();
  }
}

const DELAY_PROPERTIES: readonly string[] = [
  PropertyName.DelayLevel,
  PropertyName.TimerDelaySeconds,
  PropertyName.TimerDelayMs,
  PropertyName.TimerDeliverMs,
];

// RocketMQ: DefaultMQProducerImpl#sendKernelImpl
function kindOf(properties: ReadonlyMap<string, string>): TracedKind {
  if (properties.get(PropertyName.TransactionPrepared) === 'true') return 'transaction-half';
  return DELAY_PROPERTIES.some((name) => properties.has(name)) ? 'delay' : 'normal';
}
