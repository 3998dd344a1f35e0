/** The connections of a consumer group. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetConsumerConnectionListRequest {
  readonly consumerGroup: string;
}

export const GetConsumerConnectionList: Rpc<GetConsumerConnectionListRequest, NoFields> = {
  code: RequestCode.GetConsumerConnectionList,
  request: header<GetConsumerConnectionListRequest>({
    consumerGroup: text,
  }),
  response: noFields,
};
