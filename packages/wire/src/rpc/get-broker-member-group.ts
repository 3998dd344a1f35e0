/** The brokers of one group by id. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetBrokerMemberGroupRequest {
  readonly clusterName: string;
  readonly brokerName: string;
}

export const GetBrokerMemberGroup: Rpc<GetBrokerMemberGroupRequest, NoFields> = {
  code: RequestCode.GetBrokerMemberGroup,
  request: header<GetBrokerMemberGroupRequest>({
    clusterName: text,
    brokerName: text,
  }),
  response: noFields,
};
