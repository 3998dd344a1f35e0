/** Makes clients that wait look again. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface TriggerLiteDispatchRequest {
  readonly group: string;
  readonly clientId?: string | undefined;
}

export const TriggerLiteDispatch: Rpc<TriggerLiteDispatchRequest, NoFields> = {
  code: RequestCode.TriggerLiteDispatch,
  request: header<TriggerLiteDispatchRequest>({
    group: text,
    clientId: optionalText,
  }),
  response: noFields,
};
