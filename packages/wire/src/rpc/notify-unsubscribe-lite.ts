/** Broker to client, one-way: another client took the lite topic over. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface NotifyUnsubscribeLiteRequest {
  readonly liteTopic: string;
  readonly consumerGroup: string;
  readonly clientId: string;
}

export const NotifyUnsubscribeLite: Rpc<NotifyUnsubscribeLiteRequest, NoFields> = {
  code: RequestCode.NotifyUnsubscribeLite,
  request: header<NotifyUnsubscribeLiteRequest>({
    liteTopic: text,
    consumerGroup: text,
    clientId: text,
  }),
  response: noFields,
};
