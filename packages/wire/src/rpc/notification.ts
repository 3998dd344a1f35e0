/** Asks to be told when there is something to pop. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import {
  boolean,
  clampedInteger,
  header,
  integer,
  optionalBoolean,
  optionalText,
  text,
} from '../schema.ts';

/** Fields of the request. */
export interface NotificationRequest {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly queueId: number;
  readonly pollTime: number;
  readonly bornTime: number;
  readonly order?: boolean | undefined;
  readonly attemptId?: string | undefined;
  readonly expType?: string | undefined;
  readonly exp?: string | undefined;
  readonly bname?: string | undefined;
}

/** Fields of the answer. */
export interface NotificationResponse {
  readonly hasMsg: boolean;
  /** Too many wait already. */
  readonly pollingFull?: boolean | undefined;
}

export const Notification: Rpc<NotificationRequest, NotificationResponse> = {
  code: RequestCode.Notification,
  request: header<NotificationRequest>({
    consumerGroup: text,
    topic: text,
    queueId: integer,
    pollTime: clampedInteger,
    bornTime: integer,
    order: optionalBoolean,
    attemptId: optionalText,
    expType: optionalText,
    exp: optionalText,
    bname: optionalText,
  }),
  response: header<NotificationResponse>({
    hasMsg: boolean,
    pollingFull: optionalBoolean,
  }),
};
