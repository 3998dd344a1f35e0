/** Bounds of a connection. All have defaults; every one closes or pauses one connection only. */
export interface ConnectionLimits {
  /** Largest frame in bytes. Default 16 MiB. */
  readonly frameBytesMax?: number;
  /** Largest header in bytes. Default 256 KiB. */
  readonly headerBytesMax?: number;
  /** Bytes of requests that wait for their answer before the socket is not read. Default 32 MiB. */
  readonly inFlightBytesMax?: number;
  /** Output that the peer did not take before its requests (or ours to it) wait. Default 8 MiB. */
  readonly outputBytesMax?: number;
  /** Output at which the connection is closed at once. Default 256 MiB. */
  readonly outputBytesHardMax?: number;
  /** How long output may stay over that before the connection is closed. Default 30,000 ms. */
  readonly outputStallMs?: number;
  /**
   * How long a started frame may take to arrive, plus a second for each 64 KiB of it that came.
   * Default 30,000 ms.
   */
  readonly frameDeadlineMs?: number;
  /** How long a connection may be silent in both directions. Default 120,000 ms. */
  readonly idleMs?: number;
  /** Requests of ours that wait for the peer's answer. Default 65,535. */
  readonly pendingRequestsMax?: number;
}

export type ResolvedLimits = Required<ConnectionLimits>;

const MIB = 1024 * 1024;

export function resolveLimits(limits: ConnectionLimits = {}): ResolvedLimits {
  return {
    frameBytesMax: limits.frameBytesMax ?? 16 * MIB,
    headerBytesMax: limits.headerBytesMax ?? 256 * 1024,
    inFlightBytesMax: limits.inFlightBytesMax ?? 32 * MIB,
    outputBytesMax: limits.outputBytesMax ?? 8 * MIB,
    outputBytesHardMax: limits.outputBytesHardMax ?? 256 * MIB,
    outputStallMs: limits.outputStallMs ?? 30_000,
    frameDeadlineMs: limits.frameDeadlineMs ?? 30_000,
    idleMs: limits.idleMs ?? 120_000,
    pendingRequestsMax: limits.pendingRequestsMax ?? 65_535,
  };
}
