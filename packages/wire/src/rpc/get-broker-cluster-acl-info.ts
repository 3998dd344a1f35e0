/** Asks how new the ACL 1.0 file of a broker is. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the answer. */
export interface GetBrokerClusterAclInfoResponse {
  /** JSON of a DataVersion. */
  readonly version: string;
  /** JSON: path of the file -> DataVersion. */
  readonly allAclFileVersion: string;
  readonly brokerName: string;
  readonly brokerAddr: string;
  readonly clusterName: string;
}

export const GetBrokerClusterAclInfo: Rpc<NoFields, GetBrokerClusterAclInfoResponse> = {
  code: RequestCode.GetBrokerClusterAclInfo,
  request: noFields,
  response: header<GetBrokerClusterAclInfoResponse>({
    version: text,
    allAclFileVersion: text,
    brokerName: text,
    brokerAddr: text,
    clusterName: text,
  }),
};
