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
