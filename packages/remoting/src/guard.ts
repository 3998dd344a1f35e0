import { type Command, type Outgoing, ResponseCode } from '@skylarkmq/wire';
import type { Connection } from './connection.ts';
import type { Handler } from './handler.ts';

/** Who is asked before a handler sees a request. */
export interface Guard {
  /** Codes it is asked about; undefined: all, also those that nobody serves. */
  readonly codes: ReadonlySet<number> | undefined;
  /**
   * The answer that refuses a request; undefined lets it go on. It reads the frame only until it
   * returns. What it throws becomes the answer, as with handlers.
   */
  check(command: Command, connection: Connection): Outgoing | undefined;
}

/** A handler (or the lack of one) behind the guard. */
export function withGuard(guard: Guard, handler: Handler | undefined): Handler {
  const next = handler ?? notSupported;
  return (command, connection) => guard.check(command, connection) ?? next(command, connection);
}

function notSupported({ code }: Command): Outgoing {
  const remark = ` request type ${code} not supported`;
  return { code: ResponseCode.RequestCodeNotSupported, remark };
}
