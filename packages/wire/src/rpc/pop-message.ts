/** Taking messages without owning a queue. The body is records one after the other. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import {
  clampedInteger,
  header,
  integer,
  integerOr,
  optionalBoolean,
  optionalText,
  text,
} from '../schema.ts';

/** Where a group that has no offset starts. RocketMQ: ConsumeInitMode */
export const PopInitMode = { Min: 0, Max: 1 } as const;

/** Fields of the request. */
export interface PopMessageRequest {
  readonly consumerGroup: string;
  readonly topic: string;
  /** -1: any queue of the broker. */
  readonly queueId: number;
  readonly maxMsgNums: number;
  /** How long nobody else gets the messages, in ms. */
  readonly invisibleTime: number;
  /** How long the broker may hold the request when there is nothing, in ms. */
  readonly pollTime: number;
  /** When it was sent, in ms since the epoch; 0 or missing: now. */
  readonly bornTime: number;
  /** See `PopInitMode`. */
  readonly initMode: number;
  /** TAG (default) or SQL92. */
  readonly expType?: string | undefined;
  readonly exp?: string | undefined;
  readonly order?: boolean | undefined;
  /** The same for a repetition of an ordered POP whose answer was lost. */
  readonly attemptId?: string | undefined;
  readonly bname?: string | undefined;
}

/** Fields of the answer. See pop-offsets.ts for the last three. */
export interface PopMessageResponse {
  readonly popTime: number;
  readonly invisibleTime: number;
  readonly reviveQid: number;
  /** Messages that are left. */
  readonly restNum: number;
  readonly startOffsetInfo?: string | undefined;
  readonly msgOffsetInfo?: string | undefined;
  readonly orderCountInfo?: string | undefined;
}

export const PopMessage: Rpc<PopMessageRequest, PopMessageResponse> = {
  code: RequestCode.PopMessage,
  request: header<PopMessageRequest>({
    consumerGroup: text,
    topic: text,
    queueId: integer,
    maxMsgNums: integer,
    invisibleTime: clampedInteger,
    pollTime: clampedInteger,
    bornTime: integerOr(0),
    initMode: integer,
    expType: optionalText,
    exp: optionalText,
    order: optionalBoolean,
    attemptId: optionalText,
    bname: optionalText,
  }),
  response: header<PopMessageResponse>({
    popTime: integer,
    invisibleTime: integer,
    reviveQid: integer,
    restNum: integer,
    startOffsetInfo: optionalText,
    msgOffsetInfo: optionalText,
    orderCountInfo: optionalText,
  }),
};
