/** A broker is alive. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalInteger, text } from '../schema.ts';

/** Fields of the request. */
export interface BrokerHeartbeatRequest {
  readonly clusterName: string;
  readonly brokerAddr: string;
  readonly brokerName: string;
  readonly brokerId?: number | undefined;
}

export const BrokerHeartbeat: Rpc<BrokerHeartbeatRequest, NoFields> = {
  code: RequestCode.BrokerHeartbeat,
  request: header<BrokerHeartbeatRequest>({
    clusterName: text,
    brokerAddr: text,
    brokerName: text,
    brokerId: optionalInteger,
  }),
  response: noFields,
};
