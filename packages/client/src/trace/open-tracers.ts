import { withoutNamespace } from '../instance/namespace.ts';
import type { ResolvedClientOptions } from '../options/client-options.ts';
import { ConsumeTracer } from './consume-tracer.ts';
import { openReporter, type TraceProducerSettings } from './open-reporter.ts';
import { SendTracer } from './send-tracer.ts';
import type { ResolvedTraceOptions } from './trace-options.ts';
import type { TraceSender } from './trace-reporter.ts';

/** What a tracer is made of. */
export interface TracerSetup {
  readonly client: ResolvedClientOptions;
  /** Undefined: nothing is traced. */
  readonly trace: ResolvedTraceOptions | undefined;
  /** The group as users know it. */
  readonly group: string;
  /** Makes the producer of the trace messages. */
  create(settings: TraceProducerSettings): TraceSender;
}

/** The tracer of a producer, if it is to trace. */
export function openSendTracer(setup: TracerSetup): SendTracer | undefined {
  const { client, trace, group, create } = setup;
  if (trace === undefined) return undefined;
  const reporter = openReporter(client, trace, { group, role: 'PRODUCE' }, create);
  const topicOf = (topic: string): string => withoutNamespace(client.namespace, topic);
  return new SendTracer(reporter, { group, topicOf });
}

/** The tracer of a consumer, if it is to trace. */
export function openConsumeTracer(
  setup: TracerSetup,
  timeoutMs: number,
): ConsumeTracer | undefined {
  const { client, trace, group, create } = setup;
  if (trace === undefined) return undefined;
  const reporter = openReporter(client, trace, { group, role: 'CONSUME' }, create);
  return new ConsumeTracer({ reporter, clock: client.clock, prng: client.prng, group, timeoutMs });
}
