/** Offsets of all queues of a topic. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetTopicStatsInfoRequest {
  readonly topic: string;
}

export const GetTopicStatsInfo: Rpc<GetTopicStatsInfoRequest, NoFields> = {
  code: RequestCode.GetTopicStatsInfo,
  request: header<GetTopicStatsInfoRequest>({
    topic: text,
  }),
  response: noFields,
};
