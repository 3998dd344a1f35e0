/** Offsets and subscribers of a lite topic. The answer is a body. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetLiteTopicInfoRequest {
  readonly parentTopic: string;
  readonly liteTopic: string;
}

export const GetLiteTopicInfo: Rpc<GetLiteTopicInfoRequest, NoFields> = {
  code: RequestCode.GetLiteTopicInfo,
  request: header<GetLiteTopicInfoRequest>({
    parentTopic: text,
    liteTopic: text,
  }),
  response: noFields,
};
