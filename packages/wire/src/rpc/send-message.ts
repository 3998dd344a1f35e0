/**
 * Sending: codes 10 (long names), 310 (one-letter names), 320 (a batch, one-letter names), and
 * replies: 324 and 325 in the same two forms. Whether the body is a batch is said by the field, not
 * by the code. The body is the message's, compressed
 * when sysFlag says so. Hot path: send-message-scan.ts.
 */
import { RequestCode } from '../request-code.ts';
import {
  booleanOr,
  type Header,
  header,
  integer,
  integerOr,
  optionalBoolean,
  optionalInteger,
  optionalText,
  text,
  textOr,
} from '../schema.ts';

/** Fields with long names (code 10). */
export interface SendMessageRequest {
  readonly producerGroup: string;
  readonly topic: string;
  /** Template for a topic that is made automatically. */
  readonly defaultTopic: string;
  readonly defaultTopicQueueNums: number;
  /** Below 0: the broker chooses. */
  readonly queueId: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly flag: number;
  /** Encoded properties. */
  readonly properties: string;
  readonly reconsumeTimes: number;
  readonly unitMode: boolean;
  readonly maxReconsumeTimes?: number | undefined;
  readonly batch: boolean;
  readonly bname?: string | undefined;
}

/** The same with one-letter names (codes 310, 320). */
export interface SendMessageRequestV2 {
  readonly a: string;
  readonly b: string;
  readonly c: string;
  readonly d: number;
  readonly e: number;
  readonly f: number;
  readonly g: number;
  readonly h: number;
  readonly i: string;
  readonly j: number;
  readonly k?: boolean | undefined;
  readonly l?: number | undefined;
  readonly m: boolean;
  readonly n?: string | undefined;
}

/** Fields of the answer. */
export interface SendMessageResponse {
  /** Offset message id; joined by commas for a batch. */
  readonly msgId: string;
  readonly queueId: number;
  readonly queueOffset: number;
  /** The message's unique key. */
  readonly transactionId?: string | undefined;
  readonly batchUniqId?: string | undefined;
  /** Of a message that waits for its time; see `RecallMessage`. */
  readonly recallHandle?: string | undefined;
  readonly MSG_REGION?: string | undefined;
  readonly TRACE_ON?: string | undefined;
}

interface SendMessageRpc {
  readonly code: number;
  readonly request: Header<SendMessageRequest>;
  readonly requestV2: Header<SendMessageRequestV2>;
  readonly response: Header<SendMessageResponse>;
}

export const SendMessage: SendMessageRpc = {
  code: RequestCode.SendMessage,
  request: header<SendMessageRequest>({
    producerGroup: text,
    topic: text,
    defaultTopic: text,
    defaultTopicQueueNums: integer,
    queueId: integer,
    sysFlag: integer,
    bornTimestamp: integer,
    flag: integer,
    properties: textOr(''),
    reconsumeTimes: integerOr(0),
    unitMode: booleanOr(false),
    maxReconsumeTimes: optionalInteger,
    batch: booleanOr(false),
    bname: optionalText,
  }),
  requestV2: header<SendMessageRequestV2>({
    a: text,
    b: text,
    c: text,
    d: integer,
    e: integer,
    f: integer,
    g: integer,
    h: integer,
    i: textOr(''),
    j: integerOr(0),
    k: optionalBoolean,
    l: optionalInteger,
    m: booleanOr(false),
    n: optionalText,
  }),
  response: header<SendMessageResponse>({
    msgId: text,
    queueId: integer,
    queueOffset: integer,
    transactionId: optionalText,
    batchUniqId: optionalText,
    recallHandle: optionalText,
    MSG_REGION: optionalText,
    TRACE_ON: optionalText,
  }),
};
