/**
 * The one error type of Skylark's operating errors. A programmer error is an `assert`, a response
 * code of the protocol stays data until it reaches the edge of the client.
 */
export const MqErrorCode = {
  /** No connection to the peer could be opened. */
  Connect: 'CONNECT',
  /** The peer did not answer in time; whether it did the work is unknown. */
  Timeout: 'TIMEOUT',
  /** The connection closed while a request was waiting for its answer. */
  ConnectionClosed: 'CONNECTION_CLOSED',
  /** The caller's AbortSignal fired. */
  Aborted: 'ABORTED',
  /** The object was closed before or during the call. */
  Closed: 'CLOSED',
  /** An argument or a configuration value is not acceptable. */
  InvalidArgument: 'INVALID_ARGUMENT',
  /** Bytes from the wire or the disk do not have the form that they must have. */
  Corrupt: 'CORRUPT',
  /** A limit (queue, frame, connections, memory) is reached; later it may work. */
  Busy: 'BUSY',
  /** No route is known for a topic. */
  NoRoute: 'NO_ROUTE',
  /** The server does not let the caller do that, or does not know him (see `responseCode`). */
  Permission: 'PERMISSION',
  /** The server answered with a response code other than success (see `responseCode`). */
  Response: 'RESPONSE',
  /** The operating system refused: port in use, file not writable, disk full. */
  System: 'SYSTEM',
  /** Another process holds the store or the resource. */
  Locked: 'LOCKED',
  /** The feature is not available on this server or in this build. */
  Unsupported: 'UNSUPPORTED',
  /** Anything that was not foreseen. */
  Internal: 'INTERNAL',
} as const;

export type MqErrorCode = (typeof MqErrorCode)[keyof typeof MqErrorCode];

/** What an {@link MqError} is made of besides its message. */
export interface MqErrorOptions {
  /** Whether the same call may succeed later or at another broker. Default false. */
  readonly retryable?: boolean;
  /** The remoting response code, for `RESPONSE` errors. */
  readonly responseCode?: number;
  readonly cause?: unknown;
}

/** An operating error: `code` says which kind, `retryable` whether trying again makes sense. */
export class MqError extends Error {
  readonly code: MqErrorCode;
  readonly retryable: boolean;
  /** The remoting response code when `code` is `RESPONSE`, else undefined. */
  readonly responseCode: number | undefined;

  constructor(code: MqErrorCode, message: string, options: MqErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MqError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.responseCode = options.responseCode;
  }

  /** Turns whatever was thrown into an MqError; an MqError stays itself. */
  static from(thrown: unknown, code: MqErrorCode = MqErrorCode.Internal): MqError {
    if (thrown instanceof MqError) return thrown;
    if (thrown instanceof Error) return new MqError(code, thrown.message, { cause: thrown });
    return new MqError(code, String(thrown), { cause: thrown });
  }
}
