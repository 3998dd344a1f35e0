import { tracingChannel } from 'node:diagnostics_channel';
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { OutgoingMessage } from '../producer/outgoing-message.ts';
import type { SendReceipt } from '../producer/send-receipt.ts';
import { addLayer, type Layer, throughLayers } from './layers.ts';

/** Which call sends. */
export type SendKind = 'send' | 'batch' | 'oneway' | 'request' | 'reply' | 'transaction';

/** A send as a middleware sees it. */
export interface SendContext {
  readonly kind: SendKind;
  /** The producer's group as its user gave it. */
  readonly group: string;
  /** What is sent: a middleware may put others in their places before it calls `next`. */
  messages: readonly OutgoingMessage[];
}

/**
 * Runs around a send; the receipts of `next` are one per message, none for `oneway`. What it throws
 * is what the caller of the send gets.
 */
export type SendMiddleware = Layer<SendContext, readonly SendReceipt[]>;

/** Channels `tracing:skylarkmq:send:*` of node:diagnostics_channel; their events are contexts. */
const channel = tracingChannel<unknown, SendContext>('skylarkmq:send');

/** What is around the sends of one producer. */
export class SendLayers {
  readonly #group: string;
  readonly #layers: SendMiddleware[] = [];

  constructor(group: string, first: SendMiddleware | undefined) {
    this.#group = group;
    if (first !== undefined) this.#layers.push(first);
  }

  use(layer: SendMiddleware): void {
    addLayer(this.#layers, layer);
  }

  /** Whether anything is around a send right now. */
  get active(): boolean {
    return this.#layers.length > 0 || channel.hasSubscribers;
  }

  /** Runs a send inside of the layers. */
  run(
    kind: SendKind,
    messages: readonly OutgoingMessage[],
    send: (messages: readonly OutgoingMessage[]) => Promise<readonly SendReceipt[]>,
  ): Promise<readonly SendReceipt[]> {
    const context: SendContext = { kind, group: this.#group, messages };
    const count = messages.length;
    const work = (): Promise<readonly SendReceipt[]> => {
      if (context.messages.length === count) return send(context.messages);
      const text = `A middleware made ${context.messages.length} messages of ${count}`;
      throw new MqError(MqErrorCode.InvalidArgument, text);
    };
    const layered = async (): Promise<readonly SendReceipt[]> =>
      throughLayers(this.#layers, context, async () => work());
    return channel.hasSubscribers ? channel.tracePromise(layered, context) : layered();
  }
}
