/** How a consumer is doing; relayed to the client under the same code. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { booleanOr, header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface GetConsumerRunningInfoRequest {
  readonly consumerGroup: string;
  readonly clientId?: string | undefined;
  readonly jstackEnable: boolean;
}

export const GetConsumerRunningInfo: Rpc<GetConsumerRunningInfoRequest, NoFields> = {
  code: RequestCode.GetConsumerRunningInfo,
  request: header<GetConsumerRunningInfoRequest>({
    consumerGroup: text,
    clientId: optionalText,
    jstackEnable: booleanOr(false),
  }),
  response: noFields,
};
