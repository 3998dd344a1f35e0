/** A value of the key-value configuration. */
import { RequestCode } from '../request-code.ts';
import type { Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface GetKvConfigRequest {
  readonly namespace: string;
  readonly key: string;
}

/** Fields of the answer. */
export interface GetKvConfigResponse {
  readonly value?: string | undefined;
}

export const GetKvConfig: Rpc<GetKvConfigRequest, GetKvConfigResponse> = {
  code: RequestCode.GetKvConfig,
  request: header<GetKvConfigRequest>({
    namespace: text,
    key: text,
  }),
  response: header<GetKvConfigResponse>({
    value: optionalText,
  }),
};
