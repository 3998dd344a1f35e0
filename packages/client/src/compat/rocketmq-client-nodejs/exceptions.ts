/** The exceptions of `rocketmq-client-nodejs`, and which of them our errors become. */
import { MqError, MqErrorCode } from '@skylarkmq/base';

/** What servers refuse, with the code that RocketMQ 5 gives it. */
export class ClientException extends Error {
  code: number;

  constructor(code: number, message: string, requestId?: string) {
    super(`[request-id=${requestId ?? ''}, response-code=${code}] ${message}`);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The request cannot be right, whoever sends it. */
export class BadRequestException extends ClientException {}
/** The caller has not proved who he is. */
export class UnauthorizedException extends ClientException {}
/** The caller must pay. */
export class PaymentRequiredException extends ClientException {}
/** The caller may not do that. */
export class ForbiddenException extends ClientException {}
/** There is no such topic or group. */
export class NotFoundException extends ClientException {}
/** The body is too large. */
export class PayloadTooLargeException extends ClientException {}
/** The properties are too large. */
export class RequestHeaderFieldsTooLargeException extends ClientException {}
/** The server has too much to do. */
export class TooManyRequestsException extends ClientException {}
/** The server failed. */
export class InternalErrorException extends ClientException {}
/** There was no answer in time. */
export class ProxyTimeoutException extends ClientException {}
/** The server cannot do that. */
export class UnsupportedException extends ClientException {}

type Kind = readonly [typeof ClientException, number];

const INTERNAL: Kind = [InternalErrorException, 50_001];
const KINDS: ReadonlyMap<MqErrorCode, Kind> = new Map<MqErrorCode, Kind>([
  [MqErrorCode.InvalidArgument, [BadRequestException, 40_000]],
  [MqErrorCode.Permission, [ForbiddenException, 40_300]],
  [MqErrorCode.NoRoute, [NotFoundException, 40_402]],
  [MqErrorCode.Busy, [TooManyRequestsException, 42_900]],
  [MqErrorCode.Timeout, [ProxyTimeoutException, 50_400]],
  [MqErrorCode.Unsupported, [UnsupportedException, 50_500]],
]);

/** The exception for an error; its `cause` is the error. */
export function toException(thrown: unknown): ClientException {
  if (thrown instanceof ClientException) return thrown;
  const error = MqError.from(thrown);
  const [Exception, code] = KINDS.get(error.code) ?? INTERNAL;
  return Object.assign(new Exception(code, error.message), { cause: error });
}

/** Does something, and turns its errors into exceptions. */
export async function withExceptions<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toException(thrown);
  }
}
