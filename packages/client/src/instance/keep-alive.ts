/**
 * Keeps the process alive while a consumer runs. Its timers do not, and its sockets cannot while
 * they are being reconnected: without this, a consumer would end with the last broker.
 */
import { MessageChannel } from 'node:worker_threads';

/** Holds the process until the returned function is called. */
export function keepAlive(): () => void {
  const { port1, port2 } = new MessageChannel();
  // A port with a listener counts as work to wait for.
  port1.on('message', () => {});
  return () => {
    port1.close();
    port2.close();
  };
}
