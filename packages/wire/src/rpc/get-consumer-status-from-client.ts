/** Broker to client: the offsets that a consumer is at. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface GetConsumerStatusFromClientRequest {
  readonly topic: string;
  readonly group: string;
  readonly clientAddr?: string | undefined;
}

export const GetConsumerStatusFromClient: Rpc<GetConsumerStatusFromClientRequest, NoFields> = {
  code: RequestCode.GetConsumerStatusFromClient,
  request: header<GetConsumerStatusFromClientRequest>({
    topic: text,
    group: text,
    clientAddr: optionalText,
  }),
  response: noFields,
};
