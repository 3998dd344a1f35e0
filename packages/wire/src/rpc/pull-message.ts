/**
 * Pulling: codes 11 and 361 (lite). The body of a found answer is records one after the other, as
 * they lie in the log. Hot path: pull-message-scan.ts.
 */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import {
  header,
  integer,
  optionalBoolean,
  optionalInteger,
  optionalText,
  roundedInteger,
  text,
} from '../schema.ts';

/** Fields of the request; sysFlag bits are `PullFlag` of the message package. */
export interface PullMessageRequest {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly maxMsgNums: number;
  readonly sysFlag: number;
  readonly commitOffset: number;
  /** How long the broker may hold the request when there is nothing. */
  readonly suspendTimeoutMillis: number;
  readonly subscription?: string | undefined;
  readonly subVersion: number;
  /** TAG (default) or SQL92. */
  readonly expressionType?: string | undefined;
  readonly maxMsgBytes?: number | undefined;
  readonly requestSource?: number | undefined;
  readonly proxyFrowardClientId?: string | undefined;
  /** False: `queueId` is of a physical queue, also when the topic is static. */
  readonly lo?: boolean | undefined;
  readonly bname?: string | undefined;
}

/** Fields of the answer; the first four are there whenever the pull itself was accepted. */
export interface PullMessageResponse {
  readonly suggestWhichBrokerId?: number | undefined;
  readonly nextBeginOffset?: number | undefined;
  readonly minOffset?: number | undefined;
  readonly maxOffset?: number | undefined;
  readonly offsetDelta?: number | undefined;
  readonly topicSysFlag?: number | undefined;
  readonly groupSysFlag?: number | undefined;
  readonly forbiddenType?: number | undefined;
}

export const PullMessage: Rpc<PullMessageRequest, PullMessageResponse> = {
  code: RequestCode.PullMessage,
  request: header<PullMessageRequest>({
    consumerGroup: text,
    topic: text,
    queueId: integer,
    queueOffset: integer,
    maxMsgNums: integer,
    sysFlag: integer,
    commitOffset: integer,
    suspendTimeoutMillis: integer,
    subscription: optionalText,
    subVersion: roundedInteger,
    expressionType: optionalText,
    maxMsgBytes: optionalInteger,
    requestSource: optionalInteger,
    proxyFrowardClientId: optionalText,
    lo: optionalBoolean,
    bname: optionalText,
  }),
  response: header<PullMessageResponse>({
    suggestWhichBrokerId: optionalInteger,
    nextBeginOffset: optionalInteger,
    minOffset: optionalInteger,
    maxOffset: optionalInteger,
    offsetDelta: optionalInteger,
    topicSysFlag: optionalInteger,
    groupSysFlag: optionalInteger,
    forbiddenType: optionalInteger,
  }),
};
