/** All topics of a broker, by pages when `topicSeq` is given. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, optionalInteger, optionalText } from '../schema.ts';

/** Fields of the request. */
export interface GetAllTopicConfigRequest {
  readonly topicSeq?: number | undefined;
  readonly dataVersion?: string | undefined;
  readonly maxTopicNum?: number | undefined;
}

/** Fields of the answer. */
export interface GetAllTopicConfigResponse {
  readonly totalTopicNum?: number | undefined;
}

export const GetAllTopicConfig: Rpc<GetAllTopicConfigRequest, GetAllTopicConfigResponse> = {
  code: RequestCode.GetAllTopicConfig,
  request: header<GetAllTopicConfigRequest>({
    topicSeq: optionalInteger,
    dataVersion: optionalText,
    maxTopicNum: optionalInteger,
  }),
  response: header<GetAllTopicConfigResponse>({
    totalTopicNum: optionalInteger,
  }),
};
