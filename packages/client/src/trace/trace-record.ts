/**
 * What the trace of a message is made of: one record when it was sent, one before and one after
 * each delivery, one per end of a transaction and per recall. The records are those of the
 * official clients, so that their tools show our messages and ours show theirs.
 */

/** The topic of traces unless told otherwise. */
// RocketMQ: TopicValidator#RMQ_SYS_TRACE_TOPIC
export const TRACE_TOPIC = 'RMQ_SYS_TRACE_TOPIC';

/** What kind of message was sent. */
export type TracedKind = 'normal' | 'transaction-half' | 'transaction-commit' | 'delay' | 'order';

/** How a delivery ended. */
export type TracedOutcome = 'success' | 'timeout' | 'exception' | 'null' | 'failed';

interface TraceOrigin {
  /** Wall clock of the client, milliseconds. */
  readonly timestamp: number;
  readonly regionId: string;
  readonly group: string;
}

/** A message was stored. */
export interface PublishTrace extends TraceOrigin {
  readonly type: 'Pub';
  readonly topic: string;
  /** The id that the client gave. */
  readonly messageId: string;
  readonly tags: string | undefined;
  /** Business keys, blanks between them. */
  readonly keys: string | undefined;
  /** Address of the broker. */
  readonly storeHost: string;
  readonly bodyBytes: number;
  readonly costMs: number;
  readonly kind: TracedKind;
  readonly offsetMessageId: string;
  readonly success: boolean;
  /** Address of the client; only some clients write it. */
  readonly clientHost?: string;
}

/** A message is about to be handled. */
export interface ConsumeStartTrace extends TraceOrigin {
  readonly type: 'SubBefore';
  /** Joins this record with the one of the end. */
  readonly requestId: string;
  readonly messageId: string;
  readonly reconsumeTimes: number;
  readonly keys: string | undefined;
}

/** A message was handled. */
export interface ConsumeEndTrace {
  readonly type: 'SubAfter';
  readonly requestId: string;
  readonly messageId: string;
  readonly costMs: number;
  readonly success: boolean;
  readonly keys: string | undefined;
  readonly outcome: TracedOutcome;
  /** Absent in the records of some clients. */
  readonly timestamp: number | undefined;
  readonly group: string | undefined;
}

/** A transaction was committed, rolled back, or left open. */
export interface EndTransactionTrace extends TraceOrigin {
  readonly type: 'EndTransaction';
  readonly topic: string;
  readonly messageId: string;
  readonly tags: string | undefined;
  readonly keys: string | undefined;
  readonly storeHost: string;
  readonly kind: TracedKind;
  readonly transactionId: string | undefined;
  /** `COMMIT_MESSAGE`, `ROLLBACK_MESSAGE` or `UNKNOW`, as the official clients spell it. */
  readonly state: string;
  /** Whether the broker asked, instead of the sender telling by itself. */
  readonly fromCheck: boolean;
}

/** A timed message was taken back. */
export interface RecallTrace extends TraceOrigin {
  readonly type: 'Recall';
  readonly topic: string;
  readonly messageId: string;
  readonly success: boolean;
}

/** One line of a message's story. */
export type TraceRecord =
  | PublishTrace
  | ConsumeStartTrace
  | ConsumeEndTrace
  | EndTransactionTrace
  | RecallTrace;

/** Kinds by their number in a record. */
// RocketMQ: MessageType
export const TRACED_KINDS: readonly TracedKind[] = [
  'normal',
  'transaction-half',
  'transaction-commit',
  'delay',
  'order',
];

/** Outcomes by their number in a record. */
// RocketMQ: ConsumeReturnType
export const TRACED_OUTCOMES: readonly TracedOutcome[] = [
  'success',
  'timeout',
  'exception',
  'null',
  'failed',
];
