/** Free TCP ports on loopback. */
import { createServer, type Server } from 'node:net';

const FIRST = 21_200;
const LAST = 21_980;
const STEP = 10;
/** In a block of ten, the port held by the process that uses the block: files run in parallel. */
const CLAIM = 5;

let next = FIRST + STEP * (process.pid % ((LAST - FIRST) / STEP));

/** A port that is free together with all that a broker uses: 2 below it, and the one above it. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < (LAST - FIRST) / STEP; tries++) {
    const port = next;
    next = next + STEP > LAST ? FIRST : next + STEP;
    const claim = await listen(port + CLAIM);
    if (claim === undefined) continue;
    const listeners = await Promise.all([-2, 0, 1].map((offset) => listen(port + offset)));
    await Promise.all(listeners.map(close));
    if (listeners.every((one) => one !== undefined)) return port;
    await close(claim);
  }
  throw new Error(`No free ports between ${FIRST} and ${LAST}`);
}

/** Undefined when the port is taken. Does not keep the process alive. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (server === undefined) resolve();
    else server.close(() => resolve());
  });
}
