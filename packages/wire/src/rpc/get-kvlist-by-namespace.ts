/** All values of a namespace. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface GetKvlistByNamespaceRequest {
  readonly namespace: string;
}

export const GetKvlistByNamespace: Rpc<GetKvlistByNamespaceRequest, NoFields> = {
  code: RequestCode.GetKvlistByNamespace,
  request: header<GetKvlistByNamespaceRequest>({
    namespace: text,
  }),
  response: noFields,
};
