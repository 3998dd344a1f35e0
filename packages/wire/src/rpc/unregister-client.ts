/** A client leaves its groups. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface UnregisterClientRequest {
  readonly clientID: string;
  readonly producerGroup?: string | undefined;
  readonly consumerGroup?: string | undefined;
}

export const UnregisterClient: Rpc<UnregisterClientRequest, NoFields> = {
  code: RequestCode.UnregisterClient,
  request: header<UnregisterClientRequest>({
    clientID: text,
    producerGroup: optionalText,
    consumerGroup: optionalText,
  }),
  response: noFields,
};
