import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { ConsumeMiddleware } from './consume-layers.ts';
import type { SendMiddleware } from './send-layers.ts';

/** Watches clients; `fromOpenTelemetry` of `@skylarkmq/client/opentelemetry` makes one. */
export interface Telemetry {
  /** Outermost around every send. */
  readonly send: SendMiddleware;
  /** Outermost around every call of a handler. */
  readonly consume: ConsumeMiddleware;
  /** Told of messages that are handed out without a handler: by loops and polls. */
  received(group: string, messages: readonly ReceivedMessage[]): void;
}
