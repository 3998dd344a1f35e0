/**
 * Keeps popped messages with their handler: while one is at work, the time for which its message is
 * held is prolonged before it is over, so that the group does not get the message a second time.
 */
import { type Clock, type Logger, MqError, type Scheduler, type Timer } from '@skylarkmq/base';
import { type CachedMessage, CachedState } from '../consumer/process-queue.ts';
import type { PopNetwork } from '../pop/pop-network.ts';
import type { Popped } from '../pop/popped.ts';

/** What renewing needs from its consumer. */
export interface PopRenewalDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly network: Pick<PopNetwork, 'changeInvisible'>;
  /** How long a message is held, from its pop or its last renewal on. */
  readonly invisibleMs: number;
  /** A message that is with its handler for longer is not renewed any more. */
  readonly handlerMsMax: number;
  /** The messages that are with handlers right now, or wait behind such in order. */
  delivered(): Iterable<CachedMessage>;
  poppedOf(entry: CachedMessage): Popped | undefined;
}

/** Looks per hold: with half of the time left it asks, and has one more try or two. */
const LOOKS = 4;

/** See the head of this file. */
export class PopRenewal {
  readonly #deps: PopRenewalDeps;
  /** Monotonic time until which each is held. */
  readonly #heldUntilMs = new WeakMap<Popped, number>();
  readonly #underWay = new Map<Popped, Promise<void>>();
  #timer: Timer | undefined;

  constructor(deps: PopRenewalDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { invisibleMs, scheduler } = this.#deps;
    this.#timer ??= scheduler.every(Math.ceil(invisibleMs / LOOKS), () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** A message came; it is held until then by the monotonic clock. */
  arrived(popped: Popped, untilMs: number): void {
    this.#heldUntilMs.set(popped, untilMs);
  }

  /** The monotonic time until which the message is held. */
  heldUntilMs(popped: Popped): number {
    return this.#heldUntilMs.get(popped) ?? 0;
  }

  /**
   * The renewal that is under way, which gives the message another receipt: settle it afterwards.
   * It never rejects.
   */
  of(popped: Popped): Promise<void> | undefined {
    return this.#underWay.get(popped);
  }

  #look(): void {
    const { clock, delivered, handlerMsMax, invisibleMs, poppedOf } = this.#deps;
    const nowMs = clock.monotonicMs();
    const since = clock.nowMs() - handlerMsMax;
    for (const entry of delivered()) {
      const popped = poppedOf(entry);
      if (popped === undefined) continue;
      if (entry.state === CachedState.Delivered && entry.deliveredAtMs < since) continue;
      const untilMs = this.heldUntilMs(popped);
      // What is over is not ours any more: to renew it would take it from another member.
      if (untilMs <= nowMs || untilMs - nowMs > invisibleMs / 2) continue;
      if (!this.#underWay.has(popped)) this.#renew(popped);
    }
  }

  #renew(popped: Popped): void {
    const { clock, invisibleMs, logger, network } = this.#deps;
    const askedMs = clock.monotonicMs();
    const done = network
      .changeInvisible(popped, invisibleMs)
      .then(() => void this.#heldUntilMs.set(popped, askedMs + invisibleMs))
      .catch((thrown: unknown) => {
        const fields = { error: MqError.from(thrown), topic: popped.topic };
        logger.warn(fields, 'A message could not be held for longer, the group may get it again');
      })
      .finally(() => this.#underWay.delete(popped));
    this.#underWay.set(popped, done);
  }
}
