/** The offsets that the consumers of a group are at. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface InvokeBrokerToGetConsumerStatusRequest {
  readonly topic: string;
  readonly group: string;
  readonly clientAddr?: string | undefined;
}

export const InvokeBrokerToGetConsumerStatus: Rpc<
  InvokeBrokerToGetConsumerStatusRequest,
  NoFields
> = {
  code: RequestCode.InvokeBrokerToGetConsumerStatus,
  request: header<InvokeBrokerToGetConsumerStatusRequest>({
    topic: text,
    group: text,
    clientAddr: optionalText,
  }),
  response: noFields,
};
