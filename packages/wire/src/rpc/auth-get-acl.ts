/** Asks for the policies of a subject; they are the body of the answer. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, text } from '../schema.ts';

/** Fields of the request. */
export interface AuthGetAclRequest {
  readonly subject: string;
}

export const AuthGetAcl: Rpc<AuthGetAclRequest, NoFields> = {
  code: RequestCode.AuthGetAcl,
  request: header<AuthGetAclRequest>({
    subject: text,
  }),
  response: noFields,
};
