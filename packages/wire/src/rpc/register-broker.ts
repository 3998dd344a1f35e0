/**
 * A broker tells a name server of itself; the body has its topics. `skylarkAdvertise=auto` (ours)
 * asks the name server to answer routes with the host by which the asker reached it.
 */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import {
  booleanOr,
  header,
  integer,
  integerOr,
  optionalBoolean,
  optionalInteger,
  optionalText,
  text,
} from '../schema.ts';

/** Fields of the request. */
export interface RegisterBrokerRequest {
  readonly brokerName: string;
  readonly brokerAddr: string;
  readonly clusterName: string;
  readonly haServerAddr?: string | undefined;
  readonly brokerId: number;
  readonly heartbeatTimeoutMillis?: number | undefined;
  readonly enableActingMaster?: boolean | undefined;
  readonly compressed: boolean;
  readonly bodyCrc32: number;
  readonly skylarkAdvertise?: string | undefined;
}

/** Fields of the answer. */
export interface RegisterBrokerResponse {
  readonly haServerAddr?: string | undefined;
  readonly masterAddr?: string | undefined;
}

export const RegisterBroker: Rpc<RegisterBrokerRequest, RegisterBrokerResponse> = {
  code: RequestCode.RegisterBroker,
  request: header<RegisterBrokerRequest>({
    brokerName: text,
    brokerAddr: text,
    clusterName: text,
    haServerAddr: optionalText,
    brokerId: integer,
    heartbeatTimeoutMillis: optionalInteger,
    enableActingMaster: optionalBoolean,
    compressed: booleanOr(false),
    bodyCrc32: integerOr(0),
    skylarkAdvertise: optionalText,
  }),
  response: header<RegisterBrokerResponse>({
    haServerAddr: optionalText,
    masterAddr: optionalText,
  }),
};
