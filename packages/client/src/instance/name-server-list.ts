/**
 * Talks to one of several equal name servers: stays with the one that answers, goes round to the
 * next when it does not.
 */
import { MqError, MqErrorCode, type Prng } from '@skylarkmq/base';
import type { Command, Outgoing } from '@skylarkmq/wire';

/** How a request is made at an address; see `RemotingClient#invoke`. */
export type Invoke = (
  address: string,
  outgoing: Outgoing,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
) => Promise<Command>;

/** See the head of this file. */
export class NameServerList {
  readonly addresses: readonly string[];
  readonly #invoke: Invoke;
  readonly #timeoutMs: number;
  #current: number;

  constructor(addresses: readonly string[], invoke: Invoke, timeoutMs: number, prng: Prng) {
    this.addresses = addresses;
    this.#invoke = invoke;
    this.#timeoutMs = timeoutMs;
    this.#current = prng.below(addresses.length);
  }

  /** Asks until one server answers, each at most once; throws the last error. */
  // RocketMQ: NettyRemotingClient#getAndCreateNameserverChannel
  async request(outgoing: Outgoing, signal?: AbortSignal): Promise<Command> {
    let last: MqError | undefined;
    for (let tried = 0; tried < this.addresses.length; tried++) {
      const index = this.#current;
      const address = this.addresses[index];
      if (address === undefined) break;
      try {
        const options = { timeoutMs: this.#timeoutMs, ...(signal === undefined ? {} : { signal }) };
        return await this.#invoke(address, outgoing, options);
      } catch (thrown) {
        last = MqError.from(thrown);
        if (last.code === MqErrorCode.Aborted || last.code === MqErrorCode.Closed) throw last;
        // Somebody else may have moved on already.
        if (this.#current === index) this.#current = (index + 1) % this.addresses.length;
      }
    }
    throw new MqError(
      MqErrorCode.Connect,
      `No name server answers, tried ${this.addresses.join(', ')} (option namesrv): ` +
        `${last?.message ?? 'none'}. Is it running, and is its port open from here?`,
      { retryable: true, cause: last },
    );
  }
}
