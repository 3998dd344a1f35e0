import { type Outgoing, ResponseCode } from '@skylarkmq/wire';
import type { Handler } from './handler.ts';

/**
 * Stands between requests and their handlers, for tests: it may answer itself, call `next` never,
 * later or twice, or with a connection of its own. What it returns counts as the handler's answer.
 * With one in place every request has its frame for good (see `HandlerOptions#borrowsFrame`).
 */
export type Intercept = (
  command: Parameters<Handler>[0],
  connection: Parameters<Handler>[1],
  next: Handler,
) => ReturnType<Handler>;

/** A handler (or the lack of one) behind the interceptor. */
export function withIntercept(intercept: Intercept, handler: Handler | undefined): Handler {
  const next = handler ?? notSupported;
  return (command, connection) => intercept(command, connection, next);
}

function notSupported({ code }: Parameters<Handler>[0]): Outgoing {
  const remark = ` request type ${code} not supported`;
  return { code: ResponseCode.RequestCodeNotSupported, remark };
}
