/**
 * What happens to an order, as it happens: over WebSocket; where that is blocked, as server-sent
 * events; where those are blocked too, by asking again and again. A connection that is lost comes
 * back and goes on behind the last number that arrived.
 */
import { orders, push } from '../api/shop.ts';
import type { Order, Sequenced } from '../api/types.ts';

type Transport = 'websocket' | 'sse' | 'polling';

/** What the page says about its connection. */
export interface StreamState {
  readonly transport: Transport;
  readonly connected: boolean;
  /** Connections that were lost and came back. */
  readonly resumed: number;
}

export interface OrderStreamOptions {
  readonly orderId: string;
  /** The number to go on behind: asked each time a connection is made. */
  lastSeq(): number;
  onEvents(events: readonly Sequenced[]): void;
  /** What is there is of another time: everything comes once more. */
  onReset(): void;
  /** The order itself, where it is asked for. */
  onOrder(order: Order): void;
  onState(state: StreamState): void;
}

const TRANSPORTS: readonly Transport[] = ['websocket', 'sse', 'polling'];
/** Failures to connect at all before the next transport is tried. */
const FAILURES_MAX = 2;
const OPEN_TIMEOUT_MS = 15_000;
/** The gateway pings more often: silence this long is a dead connection. */
const SILENCE_MS = 45_000;
const RETRY_FIRST_MS = 400;
const RETRY_MAX_MS = 10_000;
const POLL_MS = 1500;

/** One attempt: resolves when the connection is over. True when it had been open. */
type Attempt = (context: AttemptContext) => Promise<boolean>;

interface AttemptContext extends OrderStreamOptions {
  readonly signal: AbortSignal;
  opened(): void;
}

const ATTEMPTS: Readonly<Record<Transport, Attempt>> = {
  websocket: overWebSocket,
  sse: overServerSentEvents,
  polling: byPolling,
};

/** Starts; ends when `signal` fires. */
export async function followOrder(options: OrderStreamOptions, signal: AbortSignal): Promise<void> {
  let transport: Transport = 'websocket';
  let failures = 0;
  let opens = 0;
  const tell = (connected: boolean): void => {
    options.onState({ transport, connected, resumed: Math.max(opens - 1, 0) });
  };
  while (!signal.aborted) {
    const opened = (): void => {
      opens++;
      failures = 0;
      tell(true);
    };
    const wasOpen = await ATTEMPTS[transport]({ ...options, signal, opened });
    if (signal.aborted) return;
    if (!wasOpen) failures++;
    if (failures >= FAILURES_MAX) {
      transport = TRANSPORTS[TRANSPORTS.indexOf(transport) + 1] ?? 'websocket';
      failures = 0;
    }
    tell(false);
    await pause(Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MAX_MS), signal);
  }
}

async function overWebSocket(context: AttemptContext): Promise<boolean> {
  const ticket = await ticketOrNothing();
  if (ticket === undefined || context.signal.aborted) return false;
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const url = `${scheme}://${location.host}/api/push/ws?ticket=${encodeURIComponent(ticket)}`;
  const socket = new WebSocket(url);
  return await new Promise((resolve) => {
    let open = false;
    let watchdog = setTimeout(end, OPEN_TIMEOUT_MS);
    function end(): void {
      clearTimeout(watchdog);
      context.signal.removeEventListener('abort', end);
      socket.onclose = null;
      socket.onmessage = null;
      socket.close();
      resolve(open);
    }
    function awake(): void {
      clearTimeout(watchdog);
      watchdog = setTimeout(end, SILENCE_MS);
    }
    context.signal.addEventListener('abort', end, { once: true });
    socket.onclose = end;
    socket.onopen = () => {
      open = true;
      awake();
      socket.send(JSON.stringify({ subscribe: context.orderId, afterSeq: context.lastSeq() }));
      context.opened();
    };
    socket.onmessage = (message) => {
      awake();
      const parsed = parseMessage(String(message.data));
      take(parsed, context);
      if (parsed === 'ping') socket.send(JSON.stringify({ pong: true }));
    };
  });
}

async function overServerSentEvents(context: AttemptContext): Promise<boolean> {
  const ticket = await ticketOrNothing();
  if (ticket === undefined || context.signal.aborted) return false;
  const query = new URLSearchParams({
    ticket,
    orderId: context.orderId,
    afterSeq: String(context.lastSeq()),
  });
  const source = new EventSource(`/api/push/sse?${query}`);
  return await new Promise((resolve) => {
    let open = false;
    let watchdog = setTimeout(end, OPEN_TIMEOUT_MS);
    function end(): void {
      clearTimeout(watchdog);
      context.signal.removeEventListener('abort', end);
      source.close();
      resolve(open);
    }
    function awake(): void {
      clearTimeout(watchdog);
      watchdog = setTimeout(end, SILENCE_MS);
    }
    context.signal.addEventListener('abort', end, { once: true });
    source.onopen = () => {
      open = true;
      awake();
      context.opened();
    };
    // A ticket is good for one use: what the browser would do by itself, connect again, fails.
    source.onerror = end;
    source.onmessage = (message) => {
      awake();
      take(parseMessage(String(message.data)), context);
    };
  });
}

async function byPolling(context: AttemptContext): Promise<boolean> {
  let open = false;
  while (!context.signal.aborted) {
    try {
      const { order, timeline } = await orders.one(context.orderId, context.signal);
      if (!open) context.opened();
      open = true;
      context.onOrder(order);
      context.onEvents(timeline);
    } catch (error) {
      if (!context.signal.aborted) console.warn('The order cannot be asked for', error);
      return open;
    }
    await pause(POLL_MS, context.signal);
  }
  return open;
}

function take(message: StreamMessage | undefined, context: AttemptContext): void {
  if (message === 'reset') context.onReset();
  else if (message !== undefined && message !== 'ping') context.onEvents([message]);
}

async function ticketOrNothing(): Promise<string | undefined> {
  try {
    return (await push.ticket()).ticket;
  } catch (error) {
    console.warn('No ticket for live events', error);
    return undefined;
  }
}

export type StreamMessage = Sequenced | 'ping' | 'reset';

/** Undefined: something of a later version, that this page does not know. */
export function parseMessage(text: string): StreamMessage | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    if ('ping' in parsed) return 'ping';
    if ('reset' in parsed) return 'reset';
    return isSequenced(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isSequenced(value: object): value is Sequenced {
  if (!('seq' in value) || !('event' in value) || !Number.isInteger(value.seq)) return false;
  const { event } = value;
  return typeof event === 'object' && event !== null && 'type' in event && 'atMs' in event;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      window.removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    // The network is back: no reason to wait on.
    window.addEventListener('online', done);
  });
}
