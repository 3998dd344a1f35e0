/** Broker to client, one-way: members of the group came or went. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface NotifyConsumerIdsChangedRequest {
  readonly consumerGroup: string;
}

export const NotifyConsumerIdsChanged: Rpc<NotifyConsumerIdsChangedRequest, NoFields> = {
  code: RequestCode.NotifyConsumerIdsChanged,
  request: header<NotifyConsumerIdsChangedRequest>({
    consumerGroup: text,
  }),
  response: noFields,
};
