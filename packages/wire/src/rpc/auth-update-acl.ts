/** Changes policies of a subject; the body has them. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface AuthUpdateAclRequest {
  readonly subject: string;
}

export const AuthUpdateAcl: Rpc<AuthUpdateAclRequest, NoFields> = {
  code: RequestCode.AuthUpdateAcl,
  request: header<AuthUpdateAclRequest>({
    subject: text,
  }),
  response: noFields,
};
