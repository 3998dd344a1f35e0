/** Answers that refuse, in the official words where there are any. */
import { type Outgoing, ResponseCode } from '@skylarkmq/wire';

export const SUCCESS: Outgoing = { code: ResponseCode.Success };

/** A parameter that is not acceptable. */
export function invalidParameter(remark: string): Outgoing {
  return { code: ResponseCode.InvalidParameter, remark };
}

export function systemError(remark: string): Outgoing {
  return { code: ResponseCode.SystemError, remark };
}

/** Most requests about a topic that is not here say it so. */
export function noSuchTopic(topic: string): Outgoing {
  return { code: ResponseCode.TopicNotExist, remark: `topic[${topic}] not exist` };
}
