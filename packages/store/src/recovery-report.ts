/** A stretch of the log that does not hold a valid record where one should be. */
export interface DamagedRange {
  /** First damaged byte of the log. */
  readonly start: number;
  /** One past the last damaged byte: where the next proven record begins, or the log ends. */
  readonly end: number;
  readonly reason: string;
  /** Where the bytes were copied to; null when they still lie in the log, untouched. */
  readonly quarantine: string | null;
  /** Valid records that lie in a range that was put aside (a store that Apache wrote last). */
  readonly recordsBehind: number;
}

/** How the store was found. */
export interface RecoveryReport {
  /** Whether the last user of the store stopped cleanly. */
  readonly clean: boolean;
  /** Whether Skylark wrote last (its durable-offset file matches the log). */
  readonly writtenBySkylark: boolean;
  /** Where the log ends now. */
  readonly logEnd: number;
  /** Records that were checked while opening. */
  readonly recordsScanned: number;
  /** Records that were put into consume queues and index again. */
  readonly recordsRedispatched: number;
  readonly durationMs: number;
  readonly damaged: readonly DamagedRange[];
}
