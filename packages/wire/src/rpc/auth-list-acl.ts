/** Asks for policies by texts in subject and resource; the body of the answer is a list. */
import { RequestCode } from '../request-code.ts';
import { type NoFields, noFields, type Rpc } from '../rpc-description.ts';
import { header, optionalText } from '../schema.ts';

/** Fields of the request. */
export interface AuthListAclRequest {
  readonly subjectFilter?: string | undefined;
  readonly resourceFilter?: string | undefined;
}

export const AuthListAcl: Rpc<AuthListAclRequest, NoFields> = {
  code: RequestCode.AuthListAcl,
  request: header<AuthListAclRequest>({
    subjectFilter: optionalText,
    resourceFilter: optionalText,
  }),
  response: noFields,
};
