/** One queue of one topic, as callers of the store hold it: cheap to keep, always current. */
export interface QueueHandle {
  readonly topic: string;
  readonly queueId: number;
  /** Smallest offset that can still be read. */
  readonly minOffset: number;
  /** One past the last offset that consumers may see (durable as promised, and dispatched). */
  readonly maxOffset: number;
  /** The offset that the next append gets; at or past `maxOffset`. */
  readonly nextOffset: number;
}
