import type { Telemetry } from '../middleware/telemetry.ts';
import type { ClientOptions, ResolvedClientOptions } from '../options/client-options.ts';
import { Producer } from '../producer/producer.ts';
import type { ConsumeTracer } from './consume-tracer.ts';
import { openConsumeTracer } from './open-tracers.ts';
import type { ResolvedTraceOptions } from './trace-options.ts';

/** The tracer of a consumer with these options, if it is to trace; it sends with a producer. */
export function consumeTracerFor(
  options: ClientOptions & { readonly group: string; readonly telemetry?: Telemetry },
  client: ResolvedClientOptions,
  trace: ResolvedTraceOptions | undefined,
  timeoutMs: number,
): ConsumeTracer | undefined {
  const { telemetry: _, ...rest } = options;
  const setup = {
    client,
    trace,
    group: options.group,
    create: (settings: { readonly group: string }) =>
      new Producer({ ...rest, ...settings, trace: false }),
  };
  return openConsumeTracer(setup, timeoutMs);
}
