import { tracingChannel } from 'node:diagnostics_channel';
import type { ConsumerMessage } from '../push/consumer-message.ts';
import { addLayer, type Layer, throughLayers } from './layers.ts';

/** A call of a handler as a middleware sees it. */
export interface ConsumeContext {
  /** The consumer's group as its user gave it. */
  readonly group: string;
  /**
   * What is handled, one message with `run`: a middleware may put others in their places before it
   * calls `next`, made with `withBody`.
   */
  messages: readonly ConsumerMessage[];
  /** Fires when the consumer was closed and waits no longer. */
  readonly signal: AbortSignal;
}

/**
 * Runs around a handler. When it throws, the messages come again; when it returns without having
 * called `next`, they count as done.
 */
export type ConsumeMiddleware = Layer<ConsumeContext, void>;

/** Channels `tracing:skylarkmq:consume:*` of node:diagnostics_channel; events are contexts. */
const channel = tracingChannel<unknown, ConsumeContext>('skylarkmq:consume');

type Handler = (messages: readonly ConsumerMessage[], signal: AbortSignal) => unknown;

/** What is around the handlers of one consumer. */
export class ConsumeLayers {
  readonly #group: string;
  readonly #layers: ConsumeMiddleware[] = [];
  #used = false;

  constructor(group: string, first: ConsumeMiddleware | undefined) {
    this.#group = group;
    if (first !== undefined) this.#layers.push(first);
  }

  use(layer: ConsumeMiddleware): void {
    addLayer(this.#layers, layer);
    this.#used = true;
  }

  /** Whether the user put something around the handlers. */
  get used(): boolean {
    return this.#used;
  }

  /** A handler inside of the layers, those that are added later too. */
  around(handler: Handler): Handler {
    return (messages, signal) => {
      if (this.#layers.length === 0 && !channel.hasSubscribers) return handler(messages, signal);
      const context: ConsumeContext = { group: this.#group, messages, signal };
      const layered = async (): Promise<void> =>
        throughLayers(this.#layers, context, async () => {
          await handler(context.messages, signal);
        });
      return channel.hasSubscribers ? channel.tracePromise(layered, context) : layered();
    };
  }
}
