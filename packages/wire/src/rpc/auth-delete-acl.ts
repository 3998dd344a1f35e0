/** Removes the policies of a subject, all or those of a resource. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText, text } from '../schema.ts';

/** Fields of the request. */
export interface AuthDeleteAclRequest {
  readonly subject: string;
  readonly policyType?: string | undefined;
  readonly resource?: string | undefined;
}

export const AuthDeleteAcl: Rpc<AuthDeleteAclRequest, NoFields> = {
  code: RequestCode.AuthDeleteAcl,
  request: header<AuthDeleteAclRequest>({
    subject: text,
    policyType: optionalText,
    resource: optionalText,
  }),
  response: noFields,
};
