import type { Command, Outgoing } from '@skylarkmq/wire';
import type { Connection } from './connection.ts';

/**
 * Serves one request. What it returns is sent as the answer, with the request's opaque and in the
 * form in which it was asked. Null means that the handler answers later itself (by
 * `connection.respond` or the raw output) and then calls `connection.finish(command)`, exactly
 * once. What it throws becomes SYSTEM_ERROR with the message as the remark.
 */
export type Handler = (
  command: Command,
  connection: Connection,
) => Outgoing | null | Promise<Outgoing | null>;

export interface HandlerOptions {
  /** Not served on the second port. Default false. */
  readonly mainPortOnly?: boolean;
  /**
   * The handler reads the frame (also `ext` and `body`) only until it returns, which saves a copy
   * of it. When it returns a promise the command may be read from then on too, but no slice of it
   * that was taken before. Default false: the frame is the handler's for good.
   */
  readonly borrowsFrame?: boolean;
}
