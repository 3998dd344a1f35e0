/**
 * A consumer from its first use to its end: it joins its group once, however many callers wait for
 * that, again when joining failed, and leaves once. Must not know what it does in between.
 */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { InstanceLease } from '../instance/instance-pool.ts';

/** What every consumer that has joined its group holds. */
export interface Joined {
  readonly lease: InstanceLease;
  /** Of `keepAlive`. */
  readonly letGo: () => void;
}

export interface LifetimeSteps<Running extends Joined> {
  /** Joins the group; when it throws, it has left nothing behind. */
  readonly open: () => Promise<Running>;
  /** Ends what runs and leaves the group; undefined when nothing runs. */
  readonly end: (running: Running | undefined) => Promise<void>;
}

/** See the head of this file. */
export class ConsumerLifetime<Running extends Joined> {
  /** As the user calls it. */
  readonly #group: string;
  readonly #steps: LifetimeSteps<Running>;
  #starting: Promise<Running> | undefined;
  #closing: Promise<void> | undefined;

  constructor(group: string, steps: LifetimeSteps<Running>) {
    this.#group = group;
    this.#steps = steps;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** Throws `CLOSED` when {@link close} was called. */
  requireOpen(): void {
    if (!this.isClosed) return;
    throw new MqError(MqErrorCode.Closed, `The consumer of group ${this.#group} is closed`);
  }

  /** What runs, joining the group if need be. */
  start(): Promise<Running> {
    this.requireOpen();
    this.#starting ??= this.#steps.open().catch((thrown: unknown) => {
      this.#starting = undefined;
      throw MqError.from(thrown);
    });
    return this.#starting;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await this.#steps.end(await this.#opened());
  }

  /** What was started; undefined if nothing was, or if it failed, which its caller was told. */
  async #opened(): Promise<Running | undefined> {
    try {
      return await this.#starting;
    } catch {
      return undefined;
    }
  }
}

/** Unregisters a member, whether it has joined or failed to. */
export async function leaveGroup({ lease, letGo }: Joined, group: string): Promise<void> {
  letGo();
  await lease.instance.removeConsumer(group);
  await lease.release();
}
