import { MqError, MqErrorCode } from '@skylarkmq/base';
import { type Command, ResponseCode } from '@skylarkmq/wire';

/** Codes that say "not now": the same request may succeed a little later. */
const RETRYABLE: ReadonlySet<number> = new Set<number>([
  ResponseCode.SystemError,
  ResponseCode.SystemBusy,
  ResponseCode.ServiceNotAvailable,
  ResponseCode.TopicNotExist,
  ResponseCode.FlowControl,
  ResponseCode.GoAway,
]);

/** The answer if its code is success; else its error, with the server's own words. */
export function expectSuccess(answer: Command, what: string): Command {
  if (answer.code === ResponseCode.Success) return answer;
  throw responseError(answer, what);
}

/** The error that an answer stands for. */
export function responseError(answer: Command, what: string): MqError {
  const { code, remark } = answer;
  return new MqError(
    code === ResponseCode.NoPermission ? MqErrorCode.Permission : MqErrorCode.Response,
    `${what} was refused with code ${code}: ${remark?.trim() ?? 'no reason given'}`,
    { responseCode: code, retryable: RETRYABLE.has(code) },
  );
}
