/** A broker leaves. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, integer, text } from '../schema.ts';

/** Fields of the request. */
export interface UnregisterBrokerRequest {
  readonly brokerName: string;
  readonly brokerAddr: string;
  readonly clusterName: string;
  readonly brokerId: number;
}

export const UnregisterBroker: Rpc<UnregisterBrokerRequest, NoFields> = {
  code: RequestCode.UnregisterBroker,
  request: header<UnregisterBrokerRequest>({
    brokerName: text,
    brokerAddr: text,
    clusterName: text,
    brokerId: integer,
  }),
  response: noFields,
};
