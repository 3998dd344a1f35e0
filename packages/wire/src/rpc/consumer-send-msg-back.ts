/**
 * A consumer hands a message back for a later retry. delayLevel: 0 lets the broker decide, below 0
 * is for the dead letters.
 */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import {
  header,
  integer,
  optionalBoolean,
  optionalInteger,
  optionalText,
  text,
} from '../schema.ts';

/** Fields of the request. */
export interface ConsumerSendMsgBackRequest {
  readonly offset: number;
  readonly group: string;
  readonly delayLevel: number;
  readonly originMsgId?: string | undefined;
  readonly originTopic?: string | undefined;
  readonly unitMode?: boolean | undefined;
  readonly maxReconsumeTimes?: number | undefined;
  readonly bname?: string | undefined;
  /** Ours: what the last attempt failed with. Apache's broker ignores it. */
  readonly lastError?: string | undefined;
}

export const ConsumerSendMsgBack: Rpc<ConsumerSendMsgBackRequest, NoFields> = {
  code: RequestCode.ConsumerSendMsgBack,
  request: header<ConsumerSendMsgBackRequest>({
    offset: integer,
    group: text,
    delayLevel: integer,
    originMsgId: optionalText,
    originTopic: optionalText,
    unitMode: optionalBoolean,
    maxReconsumeTimes: optionalInteger,
    bname: optionalText,
    lastError: optionalText,
  }),
  response: noFields,
};
