/** An order and its timeline, live. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, OFFLINE } from '../api/http.ts';
import { orders } from '../api/shop.ts';
import type { Order, OrderState, Sequenced } from '../api/types.ts';
import { followOrder, type StreamState } from './order-stream.ts';
import { addEvents, EMPTY_TIMELINE, stateAfter, type Timeline } from './timeline.ts';

export interface LiveOrder {
  readonly order: Order | undefined;
  /** What the events say, which may be ahead of `order`. */
  readonly state: OrderState | undefined;
  readonly events: readonly Sequenced[];
  readonly stream: StreamState;
  readonly error: ApiError | undefined;
  readonly reload: () => void;
}

const FIRST: StreamState = { transport: 'websocket', connected: false, resumed: 0 };
/** After an event the order is read anew, once for a burst of events. */
const SETTLE_MS = 150;

export function useOrder(orderId: string): LiveOrder {
  const [order, setOrder] = useState<Order>();
  const [timeline, setTimeline] = useState<Timeline>(EMPTY_TIMELINE);
  const [stream, setStream] = useState(FIRST);
  const [error, setError] = useState<ApiError>();
  const latest = useRef(EMPTY_TIMELINE);

  const take = useCallback((before: Timeline, arrived: readonly Sequenced[]): void => {
    latest.current = addEvents(before, arrived);
    setTimeline(latest.current);
  }, []);

  const read = useCallback(
    async (signal?: AbortSignal): Promise<void> => {
      try {
        const answer = await orders.one(orderId, signal);
        if (signal?.aborted) return;
        setOrder(answer.order);
        setError(undefined);
      } catch (cause) {
        if (signal?.aborted) return;
        setError(cause instanceof ApiError ? cause : new ApiError(OFFLINE, 0, String(cause)));
      }
    },
    [orderId],
  );

  useEffect(() => {
    const abort = new AbortController();
    take(EMPTY_TIMELINE, []);
    setOrder(undefined);
    void read(abort.signal);
    void followOrder(
      {
        orderId,
        lastSeq: () => latest.current.lastSeq,
        onEvents: (events) => take(latest.current, events),
        onReset: () => take(EMPTY_TIMELINE, []),
        onOrder: setOrder,
        onState: setStream,
      },
      abort.signal,
    );
    return () => abort.abort();
  }, [orderId, read, take]);

  const { lastSeq } = timeline;
  useEffect(() => {
    if (lastSeq === 0) return;
    const abort = new AbortController();
    const timer = setTimeout(() => void read(abort.signal), SETTLE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [lastSeq, read]);

  const state = order && stateAfter(order.state, timeline.events);
  return { order, state, events: timeline.events, stream, error, reload: () => void read() };
}
