/** The connections of a producer group. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetProducerConnectionListRequest {
  readonly producerGroup: string;
}

export const GetProducerConnectionList: Rpc<GetProducerConnectionListRequest, NoFields> = {
  code: RequestCode.GetProducerConnectionList,
  request: header<GetProducerConnectionListRequest>({
    producerGroup: text,
  }),
  response: noFields,
};
