/**
 * Spans and metrics of OpenTelemetry by its conventions for messaging, made with the API that the
 * application hands in. `traceparent` and `tracestate` travel as properties of the messages, where
 * clients in other languages find them too.
 */
import type * as OpenTelemetry from '@opentelemetry/api';
import { type Clock, MqError, realClock } from '@skylarkmq/base';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { ConsumeContext } from '../middleware/consume-layers.ts';
import type { SendContext } from '../middleware/send-layers.ts';
import type { Telemetry } from '../middleware/telemetry.ts';
import type { OutgoingMessage } from '../producer/outgoing-message.ts';
import type { SendReceipt } from '../producer/send-receipt.ts';
import { type Instruments, instrumentsOf } from './instruments.ts';
import {
  consumeAttributes,
  propertiesOf,
  receiptAttributes,
  sendAttributes,
} from './message-attributes.ts';

/** The parts of `@opentelemetry/api` that are used: `import * as api from '@opentelemetry/api'`. */
export type OpenTelemetryApi = Pick<
  typeof OpenTelemetry,
  'context' | 'metrics' | 'propagation' | 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode' | 'trace'
>;

/** Options of {@link fromOpenTelemetry}. */
export interface OpenTelemetryOptions {
  /**
   * Whether the span of a handler continues the trace of its message, or begins one of its own;
   * it is linked to the sender's span in both cases. Default true; batches always begin one.
   */
  readonly continueTraces?: boolean;
  readonly clock?: Clock;
}

const SCOPE = '@skylarkmq/client';

/** Makes the `telemetry` of clients from the API of OpenTelemetry. */
export function fromOpenTelemetry(
  api: OpenTelemetryApi,
  options: OpenTelemetryOptions = {},
): Telemetry {
  const spans = new MessagingSpans(api, options);
  return {
    send: (context, next) => spans.send(context, next),
    consume: (context, next) => spans.consume(context, next),
    received: (group, messages) => spans.received(group, messages),
  };
}

class MessagingSpans {
  readonly #api: OpenTelemetryApi;
  readonly #tracer: OpenTelemetry.Tracer;
  readonly #instruments: Instruments;
  readonly #clock: Clock;
  readonly #continueTraces: boolean;

  constructor(api: OpenTelemetryApi, { clock, continueTraces }: OpenTelemetryOptions) {
    this.#api = api;
    this.#tracer = api.trace.getTracer(SCOPE);
    this.#instruments = instrumentsOf(api.metrics.getMeter(SCOPE));
    this.#clock = clock ?? realClock;
    this.#continueTraces = continueTraces ?? true;
  }

  async send(
    sending: SendContext,
    next: () => Promise<readonly SendReceipt[]>,
  ): Promise<readonly SendReceipt[]> {
    const { context, SpanKind, trace } = this.#api;
    const attributes = sendAttributes(sending);
    const name = `send ${sending.messages[0]?.topic ?? ''}`;
    const span = this.#tracer.startSpan(name, { kind: SpanKind.PRODUCER, attributes });
    const active = trace.setSpan(context.active(), span);
    sending.messages = sending.messages.map((message) => this.#inject(message, active));
    const { sent, operationDuration } = this.#instruments;
    const receipts = await this.#timed(span, operationDuration, attributes, () =>
      context.with(active, async () => {
        const all = await next();
        span.setAttributes(receiptAttributes(all));
        return all;
      }),
    );
    sent.add(sending.messages.length, measured(attributes));
    return receipts;
  }

  async consume(consuming: ConsumeContext, next: () => Promise<void>): Promise<void> {
    const { context, trace } = this.#api;
    const { group, messages } = consuming;
    const [first, ...others] = messages;
    const span = this.#startConsuming('process', group, messages, context.active());
    const parent = first !== undefined && others.length === 0 ? this.#extract(first) : undefined;
    const attributes = consumeAttributes('process', group, messages);
    // Baggage of the sender is there for what the handler calls, the trace only if it goes on.
    const surrounding = parent ?? context.active();
    await this.#timed(span, this.#instruments.processDuration, attributes, () =>
      context.with(trace.setSpan(surrounding, span), next),
    );
    this.#instruments.consumed.add(messages.length, measured(attributes));
  }

  received(group: string, messages: readonly ReceivedMessage[]): void {
    this.#startConsuming('receive', group, messages, this.#api.context.active()).end();
    const attributes = consumeAttributes('receive', group, messages);
    this.#instruments.consumed.add(messages.length, measured(attributes));
  }

  #startConsuming(
    operation: 'process' | 'receive',
    group: string,
    messages: readonly ReceivedMessage[],
    active: OpenTelemetry.Context,
  ): OpenTelemetry.Span {
    const { SpanKind, trace } = this.#api;
    const attributes = consumeAttributes(operation, group, messages);
    const origins = messages.map((message) => this.#extract(message));
    const links = origins.flatMap((origin) => {
      const context = trace.getSpanContext(origin);
      return context === undefined ? [] : [{ context }];
    });
    const [only] = origins;
    const continues = operation === 'process' && origins.length === 1 && this.#continueTraces;
    const parent = continues && only !== undefined && links.length > 0 ? only : active;
    const name = `${operation} ${messages[0]?.topic ?? ''}`;
    const kind = operation === 'process' ? SpanKind.CONSUMER : SpanKind.CLIENT;
    return this.#tracer.startSpan(name, { kind, attributes, links }, parent);
  }

  /** Runs work inside of a span, which ends with it, and measures it in seconds. */
  async #timed<T>(
    span: OpenTelemetry.Span,
    histogram: OpenTelemetry.Histogram,
    attributes: OpenTelemetry.Attributes,
    work: () => Promise<T>,
  ): Promise<T> {
    const startedMs = this.#clock.monotonicMs();
    let errorType: string | undefined;
    try {
      return await work();
    } catch (thrown) {
      errorType = this.#failed(span, thrown);
      throw thrown;
    } finally {
      const seconds = (this.#clock.monotonicMs() - startedMs) / 1_000;
      const failure = errorType === undefined ? {} : { 'error.type': errorType };
      histogram.record(seconds, { ...measured(attributes), ...failure });
      span.end();
    }
  }

  #failed(span: OpenTelemetry.Span, thrown: unknown): string {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const errorType = error instanceof MqError ? error.code : error.name;
    span.recordException(error);
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: error.message });
    span.setAttribute('error.type', errorType);
    return errorType;
  }

  #inject(message: OutgoingMessage, active: OpenTelemetry.Context): OutgoingMessage {
    const properties = propertiesOf(message);
    this.#api.propagation.inject(active, properties, {
      // Empty values cannot be properties.
      set: (carrier, name, value) => {
        if (value !== '') carrier.set(name, value);
      },
    });
    return { ...message, properties };
  }

  #extract(message: ReceivedMessage): OpenTelemetry.Context {
    return this.#api.propagation.extract(this.#api.ROOT_CONTEXT, message.properties, {
      get: (carrier, name) => carrier.get(name),
      keys: (carrier) => [...carrier.keys()],
    });
  }
}

/** Attributes with few values: what metrics are kept by. */
function measured(attributes: OpenTelemetry.Attributes): OpenTelemetry.Attributes {
  const names = [
    'messaging.system',
    'messaging.operation.name',
    'messaging.destination.name',
    'messaging.consumer.group.name',
  ];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = attributes[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
