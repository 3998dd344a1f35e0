/** Gives a subject policies; the body has them. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface AuthCreateAclRequest {
  readonly subject: string;
}

export const AuthCreateAcl: Rpc<AuthCreateAclRequest, NoFields> = {
  code: RequestCode.AuthCreateAcl,
  request: header<AuthCreateAclRequest>({
    subject: text,
  }),
  response: noFields,
};
