/** The topics of a cluster. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetTopicsByClusterRequest {
  readonly cluster: string;
}

export const GetTopicsByCluster: Rpc<GetTopicsByClusterRequest, NoFields> = {
  code: RequestCode.GetTopicsByCluster,
  request: header<GetTopicsByClusterRequest>({
    cluster: text,
  }),
  response: noFields,
};
