import type { Connection } from '@skylarkmq/remoting';

/** A member of a group, as its last heartbeat showed it. */
export interface ClientChannel {
  readonly clientId: string;
  readonly connection: Connection;
  /** See language-code.ts of the wire package. */
  readonly language: number;
  readonly version: number;
  /** Monotonic milliseconds of the last heartbeat. */
  readonly lastUpdateMs: number;
}
