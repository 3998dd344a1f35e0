/** Removes an account of ACL 1.0. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface DeleteAclConfigRequest {
  readonly accessKey: string;
}

export const DeleteAclConfig: Rpc<DeleteAclConfigRequest, NoFields> = {
  code: RequestCode.DeleteAclConfig,
  request: header<DeleteAclConfigRequest>({
    accessKey: text,
  }),
  response: noFields,
};
