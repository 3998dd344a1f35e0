/** All configuration as properties text in the body. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the answer. */
export interface GetBrokerConfigResponse {
  /** A data version as JSON. */
  readonly version: string;
}

export const GetBrokerConfig: Rpc<NoFields, GetBrokerConfigResponse> = {
  code: RequestCode.GetBrokerConfig,
  request: noFields,
  response: header<GetBrokerConfigResponse>({ version: text }),
};
