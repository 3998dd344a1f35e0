/** Whether a broker's topics changed; the body is its DataVersion. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { boolean, header, integer, text } from '../schema.ts';

/** Fields of the request. */
export interface QueryDataVersionRequest {
  readonly brokerName: string;
  readonly brokerAddr: string;
  readonly clusterName: string;
  readonly brokerId: number;
}

/** Fields of the answer. */
export interface QueryDataVersionResponse {
  readonly changed: boolean;
}

export const QueryDataVersion: Rpc<QueryDataVersionRequest, QueryDataVersionResponse> = {
  code: RequestCode.QueryDataVersion,
  request: header<QueryDataVersionRequest>({
    brokerName: text,
    brokerAddr: text,
    clusterName: text,
    brokerId: integer,
  }),
  response: header<QueryDataVersionResponse>({
    changed: boolean,
  }),
};
