/** A connection on which a request is served without an answer: the sender never hears of it. */
import type { Connection, InvokeOptions } from '@skylarkmq/remoting';
import type { Command, Outgoing } from '@skylarkmq/wire';

export class MutedConnection implements Connection {
  readonly id: number;
  readonly remoteAddress: string;
  readonly remoteHostBytes: Buffer;
  readonly localAddress: string;
  readonly secure: boolean;
  readonly pendingOutputBytes: number = 0;
  readonly congested: boolean = false;
  readonly outputStart: number = 0;
  readonly #real: Connection;
  readonly #finished: () => void;

  /** `finished` is called when the handler is done with the request, not when it throws. */
  constructor(real: Connection, finished: () => void = () => {}) {
    this.#real = real;
    this.#finished = finished;
    this.id = real.id;
    this.remoteAddress = real.remoteAddress;
    this.remoteHostBytes = real.remoteHostBytes;
    this.localAddress = real.localAddress;
    this.secure = real.secure;
  }

  get closed(): boolean {
    return this.#real.closed;
  }

  respond(): void {}

  finish(): void {
    this.#finished();
  }

  invoke(request: Outgoing, options: InvokeOptions): Promise<Command> {
    return this.#real.invoke(request, options);
  }

  invokeOneway(request: Outgoing): void {
    this.#real.invokeOneway(request);
  }

  reserve(bytesMax: number): Buffer {
    return Buffer.alloc(bytesMax);
  }

  advance(): void {}

  write(_buffer: Uint8Array, taken?: () => void): void {
    taken?.();
  }

  close(reason: string): void {
    this.#real.close(reason);
  }

  onClose(listener: () => void): () => void {
    return this.#real.onClose(listener);
  }
}
