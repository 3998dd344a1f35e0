import { validateTopic } from '@skylarkmq/message';
import { integerOption } from '../options/check-option.ts';
import { TRACE_TOPIC } from './trace-record.ts';

/** How messages are traced. */
export interface TraceOptions {
  /** Where the traces go. Default `RMQ_SYS_TRACE_TOPIC`, where all official tools look. */
  readonly topic?: string;
  /** Records in one trace message, 1 to 20. Default 10. */
  readonly batchSize?: number;
}

/** The same, checked and with defaults. */
export interface ResolvedTraceOptions {
  readonly topic: string;
  readonly batchSize: number;
}

// RocketMQ: AsyncTraceDispatcher (batchNum is at most 20)
const BATCH_MAX = 20;
const BATCH_DEFAULT = 10;

/** Checks the option `trace`; undefined: nothing is traced. */
export function resolveTrace(
  trace: boolean | TraceOptions | undefined,
): ResolvedTraceOptions | undefined {
  if (trace === undefined || trace === false) return undefined;
  const options = trace === true ? {} : trace;
  const topic = options.topic ?? TRACE_TOPIC;
  validateTopic(topic);
  const limits = { fallback: BATCH_DEFAULT, min: 1, max: BATCH_MAX };
  return { topic, batchSize: integerOption('trace.batchSize', options.batchSize, limits) };
}
