import type { PopNetwork } from '../pop/pop-network.ts';
import type { Popped } from '../pop/popped.ts';
import type { TracedDelivery } from '../trace/consume-tracer.ts';

/** A popped message until it is acknowledged: one request at a time, since each needs a receipt. */
export class Held {
  readonly popped: Popped;
  /** Whether it is acknowledged. */
  done = false;
  /** Where its end is written down; undefined if it is not traced. */
  readonly #delivery: TracedDelivery | undefined;
  readonly #network: Pick<PopNetwork, 'ack' | 'changeInvisible'>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    popped: Popped,
    network: Pick<PopNetwork, 'ack' | 'changeInvisible'>,
    delivery?: TracedDelivery,
  ) {
    this.popped = popped;
    this.#delivery = delivery;
    this.#network = network;
  }

  ack(): Promise<void> {
    return this.#then(async () => {
      if (this.done) return;
      await this.#network.ack(this.popped);
      this.acked();
    });
  }

  /** Its broker knows that it is done. */
  acked(): void {
    this.done = true;
    this.#delivery?.end('success');
  }

  /** It is back with the group: nobody has looked at it. */
  givenBack(): void {
    this.#delivery?.end('failed');
  }

  changeInvisible(invisibleMs: number): Promise<void> {
    return this.#then(async () => {
      if (!this.done) await this.#network.changeInvisible(this.popped, invisibleMs);
    });
  }

  /** Resolves when no request is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    // Whoever asked hears of an error; the next request goes on all the same.
    this.#last = Promise.allSettled([done]);
    return done;
  }
}
