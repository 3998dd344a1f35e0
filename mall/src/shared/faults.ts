/** What the control room can make go wrong, as the services see it. */
import { z } from 'zod';

export const switchesSchema = z.object({
  /** How the payment provider misbehaves. */
  payment: z.enum([
    'ok',
    'fail',
    'slow',
    'duplicate',
    'bad-signature',
    'wrong-amount',
    'disorder',
    'late',
  ]),
  /** The inventory answers nothing but 503. */
  inventoryDown: z.boolean(),
  /** Consumers fail after their commit and before their acknowledgement. */
  crashAfterCommit: z.boolean(),
  /** Every message of the outboxes is sent twice. */
  duplicateDelivery: z.boolean(),
  /** The outboxes' relays stand still: what was committed waits. */
  outboxStopped: z.boolean(),
  /** Shipping fails at every message, until the message is among the dead letters. */
  poisonShipping: z.boolean(),
});
export type Switches = z.infer<typeof switchesSchema>;

export const ALL_WELL: Switches = {
  payment: 'ok',
  inventoryDown: false,
  crashAfterCommit: false,
  duplicateDelivery: false,
  outboxStopped: false,
  poisonShipping: false,
};

/** The switches of one process; services read them whenever they matter. */
export class Faults {
  readonly #listeners = new Set<(switches: Switches) => void>();
  #switches: Switches = ALL_WELL;

  get switches(): Switches {
    return this.#switches;
  }

  set(changes: Partial<Switches>): void {
    this.#switches = { ...this.#switches, ...changes };
    for (const listener of this.#listeners) listener(this.#switches);
  }

  /** Calls the listener after each change; returns what ends it. */
  onChange(listener: (switches: Switches) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
