/** Removes a value of the key-value configuration. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface DeleteKvConfigRequest {
  readonly namespace: string;
  readonly key: string;
}

export const DeleteKvConfig: Rpc<DeleteKvConfigRequest, NoFields> = {
  code: RequestCode.DeleteKvConfig,
  request: header<DeleteKvConfigRequest>({
    namespace: text,
    key: text,
  }),
  response: noFields,
};
