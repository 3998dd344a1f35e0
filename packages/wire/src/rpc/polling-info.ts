/** How many requests wait for messages of a queue. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, integer, optionalInteger, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface PollingInfoRequest {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly queueId: number;
  readonly bname?: string | undefined;
}

/** Fields of the answer. */
export interface PollingInfoResponse {
  readonly pollingNum?: number | undefined;
}

export const PollingInfo: Rpc<PollingInfoRequest, PollingInfoResponse> = {
  code: RequestCode.PollingInfo,
  request: header<PollingInfoRequest>({
    consumerGroup: text,
    topic: text,
    queueId: integer,
    bname: optionalText,
  }),
  response: header<PollingInfoResponse>({ pollingNum: optionalInteger }),
};
