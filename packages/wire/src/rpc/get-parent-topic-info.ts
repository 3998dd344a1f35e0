/** What a topic of type LITE has. The answer is a body. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetParentTopicInfoRequest {
  readonly topic: string;
}

export const GetParentTopicInfo: Rpc<GetParentTopicInfoRequest, NoFields> = {
  code: RequestCode.GetParentTopicInfo,
  request: header<GetParentTopicInfoRequest>({
    topic: text,
  }),
  response: noFields,
};
