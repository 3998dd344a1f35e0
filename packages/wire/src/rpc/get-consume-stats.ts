/** Progress of a group, in one topic or all. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface GetConsumeStatsRequest {
  readonly consumerGroup: string;
  readonly topic?: string | undefined;
  readonly topicList?: string | undefined;
}

export const GetConsumeStats: Rpc<GetConsumeStatsRequest, NoFields> = {
  code: RequestCode.GetConsumeStats,
  request: header<GetConsumeStatsRequest>({
    consumerGroup: text,
    topic: optionalText,
    topicList: optionalText,
  }),
  response: noFields,
};
