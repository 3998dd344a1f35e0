/**
 * A wire to PostgreSQL in the process, for the driver that is made for a socket: a statement with
 * all of its protocol's messages is one call into the engine, where PGlite's own interface makes
 * five. Half of the processor's time for a statement, and a tenth for a begin or a commit.
 */
import { Duplex } from 'node:stream';
import type { PGlite } from '@electric-sql/pglite';

/** "You are in", and "ready, no transaction": the engine itself knows nothing of connecting. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
const SYNC = 0x53;
const QUERY = 0x51;
const TERMINATE = 0x58;
const LENGTH_BYTES = 4;

type Done = (error?: Error | null) => void;

export class PgliteStream extends Duplex {
  readonly #pglite: PGlite;
  #isConnected = false;
  #waiting: Buffer[] = [];

  constructor(pglite: PGlite) {
    super();
    this.#pglite = pglite;
  }

  /** What the driver calls on a socket. */
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // Answers are pushed as they come: one for each request.
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: Done): void {
    this.#take([chunk], done);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: Done): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  #take(chunks: readonly Buffer[], done: Done): void {
    this.#exchange(Buffer.concat([...this.#waiting, ...chunks])).then(
      () => done(),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  }

  async #exchange(messages: Buffer): Promise<void> {
    this.#waiting = [];
    if (!this.#isConnected) {
      this.#isConnected = true;
      this.push(WELCOME);
      return;
    }
    const last = lastType(messages);
    if (last === TERMINATE) {
      this.push(null);
    } else if (last === SYNC || last === QUERY) {
      this.push(Buffer.from(await this.#pglite.execProtocolRaw(messages)));
    } else {
      // The rest of the request is still to come.
      this.#waiting = [messages];
    }
  }
}

/** Of the last whole message: a letter, then the length of all but the letter. */
function lastType(messages: Buffer): number | undefined {
  let at = 0;
  let type: number | undefined;
  while (at + LENGTH_BYTES < messages.length) {
    type = messages[at];
    at += 1 + messages.readInt32BE(at + 1);
  }
  return at === messages.length ? type : undefined;
}
