/** What a group has not consumed. The answer is a body. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, integer, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface GetLiteGroupInfoRequest {
  readonly group: string;
  readonly liteTopic?: string | undefined;
  readonly topK: number;
}

export const GetLiteGroupInfo: Rpc<GetLiteGroupInfoRequest, NoFields> = {
  code: RequestCode.GetLiteGroupInfo,
  request: header<GetLiteGroupInfoRequest>({
    group: text,
    liteTopic: optionalText,
    topK: integer,
  }),
  response: noFields,
};
