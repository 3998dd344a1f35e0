/** The client ids of a group. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetConsumerListByGroupRequest {
  readonly consumerGroup: string;
}

export const GetConsumerListByGroup: Rpc<GetConsumerListByGroupRequest, NoFields> = {
  code: RequestCode.GetConsumerListByGroup,
  request: header<GetConsumerListByGroupRequest>({
    consumerGroup: text,
  }),
  response: noFields,
};
