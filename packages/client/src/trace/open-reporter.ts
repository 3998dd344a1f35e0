import { GROUP_LENGTH_MAX } from '@skylarkmq/message';
import type { ResolvedClientOptions } from '../options/client-options.ts';
import type { ResolvedTraceOptions } from './trace-options.ts';
import { TraceReporter, type TraceSender } from './trace-reporter.ts';

/** Whose messages are traced. */
export interface Traced {
  readonly group: string;
  readonly role: 'PRODUCE' | 'CONSUME';
}

/** How the producer of trace messages is set up. */
export interface TraceProducerSettings {
  readonly group: string;
  readonly sendTimeoutMs: number;
}

const SEND_TIMEOUT_MS = 5_000;

let reporters = 0;

/** A reporter that sends with a producer of its own, which `create` makes. */
export function openReporter(
  client: ResolvedClientOptions,
  options: ResolvedTraceOptions,
  traced: Traced,
  create: (settings: TraceProducerSettings) => TraceSender,
): TraceReporter {
  const { clock, scheduler, logger } = client;
  const group = traceGroup(traced);
  const sender = create({ group, sendTimeoutMs: SEND_TIMEOUT_MS });
  return new TraceReporter({ clock, scheduler, logger, options, sender });
}

// RocketMQ: AsyncTraceDispatcher#genGroupNameForTrace
function traceGroup({ group, role }: Traced): string {
  reporters++;
  const end = `-${role}-${reporters}`;
  return `_INNER_TRACE_PRODUCER-${group}`.slice(0, GROUP_LENGTH_MAX - end.length) + end;
}
