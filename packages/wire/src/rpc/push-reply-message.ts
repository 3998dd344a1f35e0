/**
 * A reply on its way to whoever asked (326): the broker passes the message on over the connection
 * of the client that the reply names. The body is the message's, compressed when sysFlag says so.
 */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { booleanOr, header, integer, integerOr, optionalText, text, textOr } from '../schema.ts';

/** Fields of the request. */
export interface PushReplyMessageRequest {
  readonly producerGroup: string;
  readonly topic: string;
  readonly defaultTopic?: string | undefined;
  readonly defaultTopicQueueNums: number;
  readonly queueId: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly flag: number;
  /** Encoded properties. */
  readonly properties: string;
  readonly reconsumeTimes: number;
  readonly unitMode: boolean;
  /** "ip:port" of who replied. */
  readonly bornHost: string;
  /** "ip:port" of the broker. */
  readonly storeHost: string;
  readonly storeTimestamp: number;
}

export const PushReplyMessage: Rpc<PushReplyMessageRequest, NoFields> = {
  code: RequestCode.PushReplyMessageToClient,
  request: header<PushReplyMessageRequest>({
    producerGroup: text,
    topic: text,
    defaultTopic: optionalText,
    defaultTopicQueueNums: integerOr(0),
    queueId: integer,
    sysFlag: integer,
    bornTimestamp: integer,
    flag: integer,
    properties: textOr(''),
    reconsumeTimes: integerOr(0),
    unitMode: booleanOr(false),
    bornHost: text,
    storeHost: text,
    storeTimestamp: integer,
  }),
  response: noFields,
};
