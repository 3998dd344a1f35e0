import type { Command, Outgoing } from '@skylarkmq/wire';

export interface InvokeOptions {
  /** How long to wait for the answer, milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One end of a connection, as handlers see it. */
export interface Connection {
  /** Unique within the process. */
  readonly id: number;
  /** "ip:port". */
  readonly remoteAddress: string;
  /** The peer's IP and 4-byte port, 8 or 20 bytes: the form of bornHost. */
  readonly remoteHostBytes: Buffer;
  /** "ip:port" of our end: how the peer reached us. */
  readonly localAddress: string;
  /** Whether it is encrypted. */
  readonly secure: boolean;
  readonly closed: boolean;
  /** Output that the peer did not take yet. */
  readonly pendingOutputBytes: number;
  /** Whether the peer is so slow that nothing big should be sent to it now. */
  readonly congested: boolean;

  /** Answers a request; nothing is sent for a one-way request or on a closed connection. */
  respond(command: Command, answer: Outgoing): void;
  /** Ends the accounting of a request whose handler returned null. */
  finish(command: Command): void;
  /** Sends a request and waits for the answer. TIMEOUT, CONNECTION_CLOSED, BUSY, ABORTED. */
  invoke(request: Outgoing, options: InvokeOptions): Promise<Command>;
  /** Sends a one-way request; what becomes of it is not known. */
  invokeOneway(request: Outgoing): void;

  /**
   * Room for `bytesMax` bytes of raw output: write into the returned buffer from `outputStart` on,
   * then call `advance` with what was really written. Nothing else may happen in between.
   */
  reserve(bytesMax: number): Buffer;
  /** Where to write in the buffer that `reserve` returned. */
  readonly outputStart: number;
  advance(bytes: number): void;
  /**
   * Appends a buffer, a long one without copying it: it must not change until `taken` is called,
   * once, when the bytes are copied or the socket has them. A connection that closes before does
   * not call it.
   */
  write(buffer: Uint8Array, taken?: () => void): void;

  close(reason: string): void;
  /** Calls the listener once when the connection is gone; returns what removes it. */
  onClose(listener: () => void): () => void;
}
