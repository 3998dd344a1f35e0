/** Sets a value of the name server's key-value configuration. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface PutKvConfigRequest {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
}

export const PutKvConfig: Rpc<PutKvConfigRequest, NoFields> = {
  code: RequestCode.PutKvConfig,
  request: header<PutKvConfigRequest>({
    namespace: text,
    key: text,
    value: text,
  }),
  response: noFields,
};
