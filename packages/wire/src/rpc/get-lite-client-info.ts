/** What a client is subscribed to. The answer is a body. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, integer, text } from '../schema.ts';

/** Fields of the request. */
export interface GetLiteClientInfoRequest {
  readonly parentTopic: string;
  readonly group: string;
  readonly clientId: string;
  readonly maxCount: number;
}

export const GetLiteClientInfo: Rpc<GetLiteClientInfoRequest, NoFields> = {
  code: RequestCode.GetLiteClientInfo,
  request: header<GetLiteClientInfoRequest>({
    parentTopic: text,
    group: text,
    clientId: text,
    maxCount: integer,
  }),
  response: noFields,
};
