/** Name server to broker, one-way: another broker of the group has the smallest id now. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalInteger, optionalText } from '../schema.ts';

/** Fields of the request. */
export interface NotifyMinBrokerIdChangeRequest {
  readonly minBrokerId?: number | undefined;
  readonly brokerName?: string | undefined;
  readonly minBrokerAddr?: string | undefined;
  readonly offlineBrokerAddr?: string | undefined;
  readonly haBrokerAddr?: string | undefined;
}

export const NotifyMinBrokerIdChange: Rpc<NotifyMinBrokerIdChangeRequest, NoFields> = {
  code: RequestCode.NotifyMinBrokerIdChange,
  request: header<NotifyMinBrokerIdChangeRequest>({
    minBrokerId: optionalInteger,
    brokerName: optionalText,
    minBrokerAddr: optionalText,
    offlineBrokerAddr: optionalText,
    haBrokerAddr: optionalText,
  }),
  response: noFields,
};
