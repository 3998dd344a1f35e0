/** Requests that wait for their answer, by opaque. */
import { MqError, MqErrorCode } from '@skylarkmq/base';
import type { Command } from '@skylarkmq/wire';

interface Pending {
  readonly resolve: (answer: Command) => void;
  readonly reject: (error: MqError) => void;
  readonly deadlineMs: number;
  readonly timeoutMs: number;
  readonly code: number;
}

/** The table of one connection. Deadlines are checked by `expire`, not by a timer per request. */
export class PendingRequests {
  readonly #max: number;
  readonly #pending = new Map<number, Pending>();
  #opaque = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** The next opaque; int32, wraps around. */
  nextOpaque(): number {
    this.#opaque = (this.#opaque + 1) | 0;
    return this.#opaque;
  }

  /** Waits for the answer to `opaque`. BUSY when too many requests wait already. */
  add(opaque: number, code: number, nowMs: number, timeoutMs: number): Promise<Command> {
    if (this.#pending.size >= this.#max) {
      const message = `${this.#pending.size} requests wait for this peer already`;
      return Promise.reject(new MqError(MqErrorCode.Busy, message, { retryable: true }));
    }
    return new Promise((resolve, reject) => {
      const deadlineMs = nowMs + timeoutMs;
      this.#pending.set(opaque, { resolve, reject, deadlineMs, timeoutMs, code });
    });
  }

  /** Whether somebody still waits for the answer to `opaque`. */
  has(opaque: number): boolean {
    return this.#pending.has(opaque);
  }

  /** Hands in an answer; false when nobody waits for it (any more). */
  answer(command: Command): boolean {
    const pending = this.#pending.get(command.opaque);
    if (pending === undefined) return false;
    this.#pending.delete(command.opaque);
    pending.resolve(command);
    return true;
  }

  /** Gives one request up. */
  fail(opaque: number, error: MqError): void {
    const pending = this.#pending.get(opaque);
    this.#pending.delete(opaque);
    pending?.reject(error);
  }

  /** Fails everything whose deadline has passed. */
  expire(nowMs: number, peer: string): void {
    for (const [opaque, pending] of this.#pending) {
      if (pending.deadlineMs > nowMs) continue;
      this.#pending.delete(opaque);
      const { code, timeoutMs } = pending;
      const message = `No answer from ${peer} to request ${code} in ${timeoutMs} ms`;
      pending.reject(new MqError(MqErrorCode.Timeout, message, { retryable: true }));
    }
  }

  /** Fails everything, since the connection is gone. */
  failAll(error: MqError): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of all) pending.reject(error);
  }
}
