/** The requests of one client that wait for their replies. Who asks limits how many there are. */
import type { ReplyMessage } from './reply-message.ts';

type Listener = (reply: ReplyMessage) => void;

/** See the head of this file. */
export class WaitingRequests {
  readonly #waiting = new Map<string, Listener>();

  /** Calls `listener` with the first reply to this request, once at most. */
  expect(correlationId: string, listener: Listener): void {
    this.#waiting.set(correlationId, listener);
  }

  /** Forgets a request that is answered or given up. */
  forget(correlationId: string): void {
    this.#waiting.delete(correlationId);
  }

  /** Hands a reply over; false when nobody waits for it any more. */
  arrived(reply: ReplyMessage): boolean {
    const listener = this.#waiting.get(reply.correlationId);
    if (listener === undefined) return false;
    this.#waiting.delete(reply.correlationId);
    listener(reply);
    return true;
  }

  /** Requests that wait right now. */
  get size(): number {
    return this.#waiting.size;
  }
}
